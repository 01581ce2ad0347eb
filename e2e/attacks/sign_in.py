"""Attacks on signing in: codes and callbacks that belong to somebody else, and forged answers of the provider."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import Person
from e2e.attacks.world import AttackWorld


def _parameter(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query)[name][0]


def _opened(person: Person, url: str) -> Answer:
    """Open a callback in a browser; nobody may be signed in there afterwards."""
    answer = Answer.of(person.client.get(url))
    assert not person.is_signed_in, f"signed in by {url}"
    return answer


def _login_csrf(world: AttackWorld) -> Answer:
    return _opened(world.stranger(), world.stranger().callback_url("alan"))


def _login_csrf_under_way(world: AttackWorld) -> Answer:
    """The victim has an attempt of their own under way."""
    victim = world.stranger()
    victim.authorize_url()
    return _opened(victim, world.stranger().callback_url("alan"))


def _replayed(world: AttackWorld) -> Answer:
    person, thief = world.stranger(), world.stranger()
    url = person.callback_url("alan")
    thief.client.cookies.update(person.client.cookies)
    assert person.client.get(url).status_code == 200
    return _opened(thief, url)


def _injected(world: AttackWorld) -> Answer:
    """A stolen code in an attempt of the thief's own: it belongs to another verifier and nonce."""
    thief = world.stranger()
    stolen = _parameter(world.stranger().callback_url("grace"), "code")
    mine = thief.callback_url("alan")
    return _opened(thief, mine.replace(_parameter(mine, "code"), stolen))


def _mixed_up(world: AttackWorld) -> Answer:
    person = world.stranger()
    url, own = person.callback_url("alan"), "iss=" + world.url.replace(":", "%3A").replace("/", "%2F") + "%2Fdev-idp"
    assert own in url, url
    return _opened(person, url.replace(own, "iss=https%3A%2F%2Fevil.example"))


def _without_issuer(world: AttackWorld) -> Answer:
    person = world.stranger()
    url, own = person.callback_url("alan"), "iss=" + world.url.replace(":", "%3A").replace("/", "%2F") + "%2Fdev-idp"
    assert own in url, url
    return _opened(person, url.replace(own, "x=1"))


def _twice(world: AttackWorld) -> Answer:
    person = world.stranger()
    return _opened(person, person.callback_url("alan") + "&code=another")


def _guessed(world: AttackWorld) -> Answer:
    person = world.stranger()
    person.authorize_url()
    return _opened(person, "/auth/callback?code=guess&state=guess")


def _script_in_error(world: AttackWorld) -> Answer:
    person = world.stranger()
    state = _parameter(person.authorize_url(), "state")
    mark = "%3Cscript%3Ealert(1)%3C/script%3E"
    return _opened(person, f"/auth/callback?error={mark}&error_description={mark}&state={state}")


def _no_script(_world: AttackWorld, answer: Answer) -> None:
    assert "<script" not in answer.text
    assert "script-src" not in (answer.header("content-security-policy") or "")
    assert "default-src 'none'" in (answer.header("content-security-policy") or "")


def _other_redirect_uri(world: AttackWorld) -> Answer:
    person = world.stranger()
    url = person.authorize_url()
    own = "redirect_uri=" + (world.url + "/auth/callback").replace(":", "%3A").replace("/", "%2F")
    assert own in url, url
    return Answer.of(person.client.get(url.replace(own, "redirect_uri=https%3A%2F%2Fevil.example%2Fauth%2Fcallback")))


def _leads_nowhere(_world: AttackWorld, answer: Answer) -> None:
    assert answer.header("location") is None


def _forwarded_host(world: AttackWorld) -> Answer:
    names = ("X-Forwarded-Host", "X-Host", "X-Original-Host", "Forwarded")
    headers = {name: "host=evil.example" if name == "Forwarded" else "evil.example" for name in names}
    return Answer.of(world.stranger().client.get("/auth/sign-in", headers=headers))


def _own_redirect_uri(world: AttackWorld, answer: Answer) -> None:
    location = answer.header("location") or ""
    assert _parameter(location, "redirect_uri") == f"{world.url}/auth/callback"
    assert "evil" not in location


def _forged_sign_out(world: AttackWorld) -> Answer:
    person = world.person("alan")
    answer = Answer.of(person.client.post("/auth/sign-out", headers={"Sec-Fetch-Site": "cross-site"}))
    assert person.is_signed_in, "signed out by another site"
    return answer


SIGN_IN = (
    Attack(
        name="Login CSRF",
        sent="the attacker's own callback URL, opened in the victim's browser",
        send=_login_csrf,
        refusal="400; the victim stays signed out",
        status=(400,),
    ),
    Attack(
        name="Login CSRF while the victim signs in",
        sent="the attacker's callback URL in a browser that has an attempt of its own",
        send=_login_csrf_under_way,
        refusal="400; the victim stays signed out",
        status=(400,),
    ),
    Attack(
        name="Replay of a callback",
        sent="a callback URL that was used, from a browser with the same cookies",
        send=_replayed,
        refusal="400: an attempt is used once",
        status=(400,),
    ),
    Attack(
        name="Code injection",
        sent="somebody else's code with the attacker's own `state` and cookie",
        send=_injected,
        refusal="403: the code belongs to another PKCE verifier",
        status=(403,),
    ),
    Attack(
        name="Mix-up",
        sent="a callback whose `iss` is another provider's (RFC 9207)",
        send=_mixed_up,
        refusal="502: the answer is not the provider's; the code is sent nowhere",
        status=(502,),
    ),
    Attack(
        name="Mix-up without `iss`",
        sent="a callback without the `iss` that the provider announces",
        send=_without_issuer,
        refusal="502",
        status=(502,),
    ),
    Attack(name="A parameter twice", sent="a callback with two codes", send=_twice, refusal="400", status=(400,)),
    Attack(
        name="A guessed state",
        sent="a callback with a `state` of nobody's",
        send=_guessed,
        refusal="400",
        status=(400,),
    ),
    Attack(
        name="Script in the provider's error",
        sent="`error` and `error_description` with a script element",
        send=_script_in_error,
        refusal="a page of the host's own words, under a policy without scripts",
        status=(400, 403, 502),
        harmless=_no_script,
    ),
    Attack(
        name="A redirect URI of another site",
        sent="an authorization request that wants the code elsewhere",
        send=_other_redirect_uri,
        refusal="400 at the provider, and no redirect",
        status=(400,),
        harmless=_leads_nowhere,
    ),
    Attack(
        name="A host in forwarding headers",
        sent="`X-Forwarded-Host` and its like at the start of a sign-in",
        send=_forwarded_host,
        refusal="ignored: the redirect URI is the base URL's",
        status=(303,),
        harmless=_own_redirect_uri,
    ),
    Attack(
        name="Sign-out forged by another site",
        sent="`POST /auth/sign-out` with `Sec-Fetch-Site: cross-site`",
        send=_forged_sign_out,
        refusal="403; the person stays signed in",
        status=(403,),
    ),
)
