"""Two partners publish one report: one entry in the feed, both articles kept, merged and split by commands."""

from __future__ import annotations

from pathlib import Path

from tests.partner import Story, partner_site, rss
from tests.running import service_in

REPORT = (
    "停航三天的云栖渡口昨天上午恢复通航，首班渡轮载着六十多名乘客驶向对岸。渡口负责人说，这次检修更换了"
    "两台主机，码头的防滑板也全部换新，老人孩子上下船更稳当了。对岸的菜农老曹一早挑着两筐青菜过江，他说"
    "前几天绕行大桥要多走十八公里。镇里还调整了班次，早晚高峰每十五分钟一班，夜间末班延长到晚上九点半。"
)


def test_a_report_of_two_partners_is_one_entry(tmp_path: Path) -> None:
    service = service_in(tmp_path)
    with partner_site() as partner:
        partner.publish("/a.xml", rss([Story(1, title="渡口恢复通航", text=REPORT)]))
        shorter = Story(7, title="云栖渡口通航", text=f"本报讯　{REPORT[:120]}")
        partner.publish("/b.xml", rss([shorter], link_base="https://other.example/x"))
        service.ask("db", "upgrade")
        service.ask("categories", "add", "zhen", "--title", "镇上")
        for slug in ("a", "b"):
            service.ask(
                "sources", "add", f"{partner.url}/{slug}.xml", "--slug", slug, "--category", "zhen"
            )
            [run] = service.ask("sources", "poll", slug)
            assert run["new"] == 1
    second, first = service.ask("articles", "list")
    shown = service.ask("articles", "show", str(second["id"]))
    assert (shown["shown"], shown["canonical"]) == (False, first["id"])
    assert [each["source"] for each in shown["members"]] == ["a", "b"]
    assert [each["source"] for each in shown["appearances"]] == ["b"]
    [cluster] = service.ask("articles", "clusters")
    assert cluster["cluster"] == first["id"]
    assert service.ask("articles", "clusters", "--review") == []
    split = service.ask("articles", "split", str(second["id"]), "--reason", "另有采访")
    assert split["feeds"] == ["all", "zhen"]
    both = [str(first["id"]), str(second["id"])]
    merged = service.ask("articles", "merge", *both, "--canonical", both[1], "--reason", "合并")
    assert [each["id"] for each in merged["members"] if each["shown"]] == [second["id"]]
    history = service.ask("articles", "show", both[1])["cluster_history"]
    assert [each["act"] for each in history] == ["joined", "split", "merged", "merged"]
