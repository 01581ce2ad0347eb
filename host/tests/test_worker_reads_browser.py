"""Kept answers in a real browser: stale data beats an error, says so, and is never somebody else's."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect
from starlette.responses import JSONResponse, Response

from host.tests.worker_site import Fault, WorkerSite, notes, online, until, visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMES = "() => caches.keys()"
KEYS = """async () => {
  const keys = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith('portico-reads:')) continue;
    for (const { url } of await (await caches.open(name)).keys()) keys.push(new URL(url).pathname);
  }
  return keys;
}"""


async def ask(page: Page, path: str, answer: str | re.Pattern[str], about: str | re.Pattern[str]) -> None:
    """Let the app ask for a path, and wait until it shows this answer and what the worker says of it."""
    await page.wait_for_function("() => window.ask")  # the app has mounted
    await page.evaluate("(path) => window.ask(path)", path)
    await expect(page.get_by_label("Answer")).to_contain_text(answer)
    await expect(page.get_by_label("About")).to_have_text(about)


async def learn(page: Page, path: str, answer: str) -> None:
    """Let the app ask for a path, and wait until its fresh answer is kept: the page has it before that."""
    await ask(page, path, answer, "fresh")
    await kept(page, f"/api/notes{path}", answer)


async def gone(page: Page, path: str) -> None:
    """Wait until no answer to a path is kept."""
    await until(page, "async (path) => !(await caches.match(path))", path)


async def keeps(page: Page, *paths: str) -> None:
    """Wait until answers to these paths are kept, written in this order, and no others."""
    await until(page, f"async (paths) => JSON.stringify(await ({KEYS})()) === JSON.stringify(paths)", paths)


async def kept(page: Page, path: str, word: str) -> None:
    """Wait until the kept answer to a path has this word in it."""
    script = """async ([path, word]) => {
      const response = await caches.match(path);
      return response ? (await response.text()).includes(word) : false;
    }"""
    await until(page, script, [path, word])


async def told(page: Page) -> list[dict[str, object]]:
    """What the page was told of its reads, once it was told: an answer may be there before what is said of it."""
    await page.wait_for_function("() => window.portico?.heard.some(({kind}) => kind === 'read')")
    messages = "() => window.portico.heard.filter(({kind}) => kind === 'read')"
    heard: list[dict[str, object]] = await page.evaluate(messages)
    return heard


async def test_offline_the_last_answer_is_shown_with_the_time_it_is_of(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/things/1?a=b", '"things":["one"]')
    site.things.append("two")
    site.cut()
    await ask(page, "/things/1?a=b", '"things":["one"]', "kept, Portico-Stale: network")
    await ask(page, "/things/1", "ProblemError 504 offline", "failed")
    await page.reload()
    await ask(page, "/things/1?a=b", '"things":["one"]', "kept, Portico-Stale: network")
    first, *again = await told(page)
    assert again in ([], [first])  # a page that reads just when it begins to listen may hear it twice
    assert (first["app"], first["url"], first["stale"]) == ("notes", "/api/notes/things/1?a=b", "network")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", str(first["asOf"]))
    site.heal()
    await ask(page, "/things/1?a=b", '"things":["one","two"]', "fresh")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(status=500), "error"),
        (Fault(status=503), "error"),
        (Fault(status=429), "error"),
        (Fault(status=408), "error"),
        (Fault(portal=True), "network"),
    ],
    ids=str,
)
async def test_a_bff_that_fails_counts_as_no_network(page: Page, site: WorkerSite, fault: Fault, reason: str) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/things/1", '"things":["one"]')
    site.faults["/api"] = fault
    await ask(page, "/things/1", '"things":["one"]', f"kept, Portico-Stale: {reason}")


async def test_an_answer_that_is_late_counts_as_none_until_it_comes(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    site.things.append("two")
    await learn(page, "/hasty/1", '"things":["one","two"]')
    site.things.append("three")
    site.faults["/api"] = Fault(hang=True)
    await ask(page, "/hasty/1", '"things":["one","two"]', "kept, Portico-Stale: timeout")
    site.released.set()
    await kept(page, "/api/notes/hasty/1", "three")
    site.cut()
    # A refused connection takes longer than the rule's tenth of a second on a busy machine: then it is late as well.
    either = re.compile("^kept, Portico-Stale: (network|timeout)$")
    await ask(page, "/hasty/1", '"things":["one","two","three"]', either)


async def test_with_nothing_kept_the_real_answer_is_shown(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    site.faults["/api"] = Fault(status=503)
    await ask(page, "/things/1", "ProblemError 503", "failed")
    site.faults["/api"] = Fault(portal=True)
    await ask(page, "/things/1", "ProblemError 504 offline", "failed")


@pytest.mark.parametrize(("status", "stays"), [(401, True), (403, False), (404, False), (410, False), (422, True)])
async def test_a_refusal_is_a_true_answer(page: Page, site: WorkerSite, status: int, stays: bool) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/things/1", '"things":["one"]')
    site.answers["/things/1"] = JSONResponse({"title": "no"}, status)
    await ask(page, "/things/1", "SignedOutError" if status == 401 else f"ProblemError {status}", "failed")
    if stays:
        site.cut()
        await ask(page, "/things/1", '"things":["one"]', "kept, Portico-Stale: network")
    else:
        await gone(page, "/api/notes/things/1")
        site.cut()
        await ask(page, "/things/1", "ProblemError 504 offline", "failed")


async def test_what_is_cached_first_is_asked_for_once(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/once/1", '"things":["one"]')
    site.things.append("two")
    await ask(page, "/once/1", '"things":["one"]', "kept")
    assert site.count("/api/notes/once/1") == 1


async def test_what_is_revalidated_is_shown_at_once_and_newer_the_next_time(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/swr/1", '"things":["one"]')
    site.things.append("two")
    await ask(page, "/swr/1", '"things":["one"]', "kept")
    await kept(page, "/api/notes/swr/1", "two")
    await ask(page, "/swr/1", '"things":["one","two"]', "kept")
    site.cut()
    await ask(page, "/swr/1", '"things":["one","two"]', "kept")
    stale = "() => window.portico.heard.some(({kind, stale}) => kind === 'read' && stale === 'network')"
    await page.wait_for_function(stale)


async def test_a_query_is_kept_by_its_variables(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    for count, of in enumerate(("me", "you"), 1):
        await page.evaluate("(of) => window.query(of)", of)
        await expect(page.get_by_label("Answer")).to_contain_text(f"'of': '{of}'")
        await keeps(page, *["/api/notes/graphql"] * count)
    site.cut()
    for of in ("me", "you"):
        await page.evaluate("(of) => window.query(of)", of)
        await expect(page.get_by_label("Answer")).to_contain_text(f"'of': '{of}'")
        await expect(page.get_by_label("About")).to_have_text("kept, Portico-Stale: network")
    await page.evaluate("(of) => window.query(of)", "them")
    await expect(page.get_by_label("Answer")).to_have_text("ProblemError 504 offline")


async def test_a_query_that_broke_counts_as_no_network_and_is_not_kept(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await page.evaluate("() => window.query('me')")
    await expect(page.get_by_label("About")).to_have_text("fresh")
    await keeps(page, "/api/notes/graphql")
    error = {"message": "broken", "path": ["things"], "extensions": {"status": 503, "code": "unavailable"}}
    site.answers["graphql"] = {"errors": [error], "data": None}
    await page.evaluate("() => window.query('me')")
    await expect(page.get_by_label("About")).to_have_text("kept, Portico-Stale: error")
    await expect(page.get_by_label("Answer")).to_contain_text("'of': 'me'")
    await page.evaluate("() => window.query('you')")
    await expect(page.get_by_label("Answer")).to_contain_text("broken")
    site.cut()
    await page.evaluate("() => window.query('you')")
    await expect(page.get_by_label("Answer")).to_have_text("ProblemError 504 offline")


async def test_two_people_never_see_each_others_answers(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/things/1", '"of":"idp|ada"')
    await visit(page, site, who="bob")
    assert await page.evaluate(KEYS) == []
    site.cut()
    await ask(page, "/things/1", "ProblemError 504 offline", "failed")
    site.heal()
    await learn(page, "/things/1", '"of":"idp|bob"')
    site.cut()
    await page.goto(site.url)
    await ask(page, "/things/1", '"of":"idp|bob"', "kept, Portico-Stale: network")


async def test_a_page_that_stayed_open_while_somebody_else_signed_in_gets_and_keeps_nothing_of_theirs(
    page: Page, site: WorkerSite
) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/things/1", '"of":"idp|ada"')
    other = await page.context.new_page()
    await other.goto(f"{site.url}/auth/be/bob")
    await ask(page, "/things/1", "SignedOutError 401 other-person", "failed")
    await visit(other, site)
    await ask(page, "/things/2", "SignedOutError 401 other-person", "failed")
    await learn(other, "/things/2", '"of":"idp|bob"')
    site.cut()
    await ask(other, "/things/2", '"of":"idp|bob"', "kept, Portico-Stale: network")
    await ask(page, "/things/2", "NetworkError", "failed")


async def test_forgetting_a_person_leaves_nothing_of_theirs_also_of_what_is_on_its_way(
    page: Page, site: WorkerSite
) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/things/1", '"of":"idp|ada"')
    site.faults["/api/notes/things/2"] = Fault(hang=True)
    await page.evaluate("() => void window.ask('/things/2')")
    await page.evaluate("() => window.portico.tell({kind: 'forget', sub: 'idp|ada', keepOutbox: false})")
    await expect(page.locator("html")).to_have_attribute("data-heard", re.compile("forgotten"))
    site.released.set()
    await expect(page.get_by_label("Answer")).to_contain_text('"of":"idp|ada"')
    assert await page.evaluate(KEYS) == []
    site.cut()


async def test_only_json_of_this_host_is_kept(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    site.answers["/things/1"] = Response("plain", media_type="text/plain")
    await ask(page, "/things/1", "plain", "fresh")
    assert await page.evaluate(KEYS) == []


async def test_what_is_named_without_a_pattern_is_kept_before_anybody_asks_for_it(page: Page, site: WorkerSite) -> None:
    site.deploy(notes(reads=[{"path": "/all"}, {"path": "/other/*"}]), online())
    await visit(page, site, who="ada")
    assert await page.evaluate(KEYS) == ["/api/notes/all"]
    site.cut()
    await page.reload()
    await ask(page, "/all", '"things":["one"]', "kept, Portico-Stale: network")


async def test_a_rule_keeps_no_more_answers_than_it_says(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    for number in range(5):
        await learn(page, f"/things/{number}", f"/things/{number}")
    await keeps(page, *(f"/api/notes/things/{number}" for number in (2, 3, 4)))


async def test_what_no_rule_names_and_every_command_passes_untouched(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await ask(page, "/other", '"path":"/other"', "fresh")
    assert await page.evaluate(KEYS) == []
    site.cut()
    await ask(page, "/other", "NetworkError", "failed")
