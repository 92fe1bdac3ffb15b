"""The people's-daily family: #rwb_zw and #p_content before 2017, .rm_txt_con since 2019."""

from feedsvc.parse.pages.families.family import Family

PEOPLE = Family(
    name="people",
    marks=("rm_txt_con", 'id="rwb_zw"', 'id="p_content"', "box_con"),
    body=(".rm_txt_con", "#rwb_zw", "#p_content", ".box_con"),
    title=("h1", "#p_title", "h2"),
)
