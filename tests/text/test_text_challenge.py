"""Challenge pages of gatekeepers, and the pages that only resemble them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.text.challenge import is_challenge

CHALLENGES = {
    "cookie and reload": "<html><head><script>document.cookie='k='+f(7);location.reload();</script></head></html>",
    "packed script": "<script>var a=1;eval(a);window['location']['href']='/';location.href='/?x=1'</script>",
    "notice without scripts": "<html><head><title>请稍候</title></head><body><noscript>请打开脚本</noscript>"
    "<script>challenge()</script>正在验证</body></html>",
    "script by address only": '<!DOCTYPE html><html><head><meta charset="utf-8"><meta id="9a" content="x" r="m">'
    '<script src="/4QbVtADbnLVIc/c.js" r="m"></script></head><body></body></html>',
    "unfinished script": "<script>while(1){document.cookie='a'",
    "wall with words": "<html><script src='/c.js'></script><body><h1>安全验证</h1><p>您的访问过于频繁，为了保证其他用户"
    "正常浏览，请完成下面的滑块验证后继续访问本站，如有疑问请与网站管理员联系，并附上页面底部的编号。</p></body></html>",
    "wall in English": "<html><script>x()</script><h1>Just a moment...</h1><p>Enable JavaScript and cookies to"
    " continue. This page checks your browser before you can see the site you asked for.</p></html>",
}
PAGES = {
    "empty": "",
    "without scripts": "<html><body></body></html>",
    "an article about verification": "<html><script>document.cookie='a'</script><body><p>"
    + "派出所提醒市民，办理身份验证时请勿把验证码告诉他人，也不要点击来历不明的链接。" * 20
    + "</p></body></html>",
    "filled by its script": "<html><body><div id='app'></div><script src='/app.js'></script></body></html>",
    "a short notice": "<html><script>count()</script><body><p>定于3月2日上午九时在镇文化站二楼召开读者座谈会，欢迎大家参加，"
    "请提前十分钟到场，自带水杯，停车请走东门。</p></body></html>",
}


@pytest.mark.parametrize("page", CHALLENGES.values(), ids=CHALLENGES)
def test_a_challenge_is_recognised(page: str) -> None:
    assert is_challenge(page)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_another_page_is_no_challenge(page: str) -> None:
    assert not is_challenge(page)


@given(st.text(max_size=200))
def test_text_without_a_script_is_no_challenge(text: str) -> None:
    assert "<script" in text.lower() or not is_challenge(text)
