"""How many requests are served at once."""

from contextlib import ExitStack

import pytest
from starlette.datastructures import Headers

from clinicalblip.settings import ServerSettings
from clinicalblip.web.middleware.admission import MOST, Admission
from clinicalblip.web.middleware.refusal import Refused
from clinicalblip.web.middleware.routes import Route


def scope(address: str) -> dict[str, object]:
    """A request from an address."""
    return {"client": (address, 1234)}


@pytest.mark.parametrize(
    ("proxies", "behind", "peer", "headers", "expected"),
    [
        ((), False, "203.0.113.5", {}, "203.0.113.5"),
        ((), False, "8.8.8.8", {"x-forwarded-for": "1.2.3.4"}, "8.8.8.8"),
        ((), False, "127.0.0.1", {}, None),
        ((), False, "10.0.0.7", {}, "10.0.0.7"),
        ((), False, "10.0.0.7", {"x-forwarded-for": "1.2.3.4"}, None),
        ((), False, "127.0.0.1", {"x-forwarded-for": "1.2.3.4"}, None),
        ((), True, "10.0.0.5", {}, None),
        (("10.0.0.0/8",), False, "10.0.0.5", {"x-forwarded-for": "6.6.6.6, 1.2.3.4, 10.1.1.1"}, "1.2.3.4"),
        (("10.0.0.5",), False, "10.0.0.5", {"x-forwarded-for": "nonsense"}, None),
        (("10.0.0.5",), False, "::ffff:10.0.0.5", {"x-forwarded-for": "1.2.3.4"}, "1.2.3.4"),
        ((), False, "2001:db8:1:2:3:4:5:6", {}, "2001:db8:1:2::"),
        ((), False, "::1", {}, None),
        ((), False, "unknown", {}, None),
        (("10.0.0.5",), False, "10.0.0.5", {}, None),
    ],
)
def test_an_address_counts_only_where_it_is_one_visitors(
    proxies: tuple[str, ...], behind: bool, peer: str, headers: dict[str, str], expected: str | None
) -> None:
    """Behind a proxy that nobody named all readers have its address; one that was named is believed."""
    server = ServerSettings.model_validate({"proxies": proxies})
    assert Admission(server, behind_proxy=behind).address(scope(peer), Headers(headers)) == expected


def test_one_session_one_address_and_all_together_have_a_bound() -> None:
    """One request too many is refused; when another ends there is room again."""
    admission, most = Admission(ServerSettings(), behind_proxy=False), MOST[Route.CALL]

    def admit(stack: ExitStack, address: str, session: str = "") -> None:
        stack.enter_context(admission.admit(Route.CALL, scope(address), Headers({}), session))

    for count, address, session in (
        (most.of_session, "{}.1.1.1", "s"),
        (most.of_address, "1.1.1.1", ""),
        (most.overall, "{}.1.1.1", ""),
    ):
        with ExitStack() as stack:
            for number in range(count):
                admit(stack, address.format(number + 1), session)
            with pytest.raises(Refused) as refused, ExitStack() as another:
                admit(another, address.format(200), session)
            assert refused.value.status == 429
        with ExitStack() as stack:
            admit(stack, address.format(1), session)
