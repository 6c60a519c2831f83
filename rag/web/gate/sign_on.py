"""Logging in with the account of an organisation, by OpenID Connect: the code flow with PKCE and a nonce, by Authlib.

What has to be kept while the browser is at the provider lies in a cookie of its own, sealed by this server: whoever
asks to log in a million times fills nothing here.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import anyio
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rag.errors import SettingsError
from rag.extras import require
from rag.settings import Settings
from rag.web.gate.hosts import is_loopback
from rag.web.principal import ROLES, Role

log = logging.getLogger(__name__)

NAMED: Final = "oidc:"
"""How the names of its accounts begin; with a colon, as no name in a file of accounts can."""
_COOKIE = "shiori-oidc"
_AWAY_SECONDS = 600
_PROVIDER_SECONDS = 10.0
_AT_ONCE = 4
_MOST_NAME_CHARS = 200
_MOST_COOKIE_CHARS = 3_500

_ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
)
"""Where the provider may have secrets sent, and its keys fetched from."""

Reason = Literal["failed", "unreachable", "no_role"]
_STATUS: Mapping[Reason, int] = {"failed": 403, "unreachable": 502, "no_role": 403}


class SignOnError(Exception):
    """A browser could not be logged in.

    Attributes:
        reason: why, in a word.
        user: who it is, as far as that is known.
        status: of the answer.
    """

    def __init__(self, reason: Reason, user: str = "") -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.user = user
        self.status = _STATUS[reason]


class SignOn:
    """The provider whose users may log in.

    Args:
        settings: its address, what it calls this server, and which claims count.
        public_address: where a proxy serves the page, as ``https://example.com/shiori``, or only a path.

    Raises:
        SettingsError: if a setting is missing, the provider is asked without TLS, or Authlib is not installed.
    """

    def __init__(self, settings: Settings, public_address: str = "") -> None:
        require("oidc", "Logging in by OpenID Connect")
        from authlib.integrations.starlette_client import OAuth

        self._settings = settings
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._public_address = public_address.rstrip("/")
        self._path = urlsplit(self._public_address).path
        self._key = secrets.token_bytes(32)
        self._asking = anyio.Semaphore(_AT_ONCE)
        _check(settings)
        self._provider: Any = OAuth().register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=_secret(settings),
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.oidc_scope,
                "code_challenge_method": "S256",
                "timeout": _PROVIDER_SECONDS,
            },
        )

    @classmethod
    def configured(cls, settings: Settings, public_address: str = "") -> SignOn | None:
        """The provider of the settings; ``None`` if they name none."""
        return cls(settings, public_address) if settings.oidc_issuer else None

    async def begin(self, request: Request, secure: bool) -> Response:
        """Send the browser to the provider.

        Raises:
            SignOnError: if that cannot be reached.
        """
        kept: dict[str, Any] = {}
        request.scope["session"] = kept
        with _refusing():
            # Whoever comes while the provider does not answer waits, and asks it no further time.
            async with self._asking:
                await self._look()
            response: Response = await self._provider.authorize_redirect(
                request, self._address(request, "oidc/callback")
            )
        response.set_cookie(
            self._cookie(request, secure),
            self._sealed(kept),
            max_age=_AWAY_SECONDS,
            path=self._cookie_path(secure),
            secure=secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def finish(self, request: Request, secure: bool) -> tuple[str, Role]:
        """Whose browser has come back from the provider: the name of the account, and its role.

        Raises:
            SignOnError: if the provider does not vouch for it, cannot be reached, or gives no role.
        """
        request.scope["session"] = self._opened(request.cookies.get(self._cookie(request, secure), ""))
        with _refusing():
            async with self._asking:
                await self._look()
                token = await self._provider.authorize_access_token(request, claims_options=self._due)
                if "id_token" not in token:  # what else the provider says of the user is signed by nobody
                    raise SignOnError("failed")
                claims = dict(token["userinfo"])
                claims = await self._more(token, claims)
        if self._settings.oidc_name_claim == "email" and claims.get("email_verified", True) not in (True, "true"):
            log.warning("The provider has not verified the address that is to be the name.")
            raise SignOnError("failed")
        value = claims.get(self._settings.oidc_name_claim)
        if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= _MOST_NAME_CHARS:
            log.warning("The provider names nobody in the claim %r.", self._settings.oidc_name_claim)
            raise SignOnError("failed")
        role = self._role(claims)
        if role is None:
            raise SignOnError("no_role", f"{NAMED}{value}")
        return f"{NAMED}{value}", role

    async def leave(self, request: Request) -> Response:
        """Send the browser to where it logs out of the provider, if there is such a place.

        Raises:
            SignOnError: if the provider cannot be reached.
        """
        back = self._address(request, "login")
        request.scope["session"] = {}
        with _refusing():
            async with self._asking:
                described = await self._look()
            if "end_session_endpoint" not in described:
                return RedirectResponse(back, 303)
            response: Response = await self._provider.logout_redirect(
                request, post_logout_redirect_uri=back, client_id=self._settings.oidc_client_id
            )
        return response

    def forget(self, response: Response, request: Request, secure: bool) -> None:
        """Have the browser forget what it kept while it was away."""
        response.delete_cookie(
            self._cookie(request, secure), path=self._cookie_path(secure), secure=secure, httponly=True, samesite="lax"
        )

    @property
    def _due(self) -> dict[str, dict[str, object]]:
        """What a token must say."""
        return {
            "iss": {"essential": True, "values": [self._issuer, f"{self._issuer}/"]},
            "aud": {"essential": True, "value": self._settings.oidc_client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
        }

    async def _look(self) -> dict[str, Any]:
        """What the provider says of itself, read once."""
        described: dict[str, Any] = await self._provider.load_server_metadata()
        if str(described.get("issuer", "")).rstrip("/") != self._issuer:
            log.error("The provider calls itself %r, not %r.", described.get("issuer"), self._issuer)
            raise SignOnError("failed")
        for name in _ENDPOINTS:
            if name in described and not _is_safe(str(described[name])):
                log.error("The provider's %s is %r, which is no https address.", name, described[name])
                raise SignOnError("failed")
        # Whatever else it offers: nothing unsigned, and nothing signed with a secret that is not its own.
        offered = described.get("id_token_signing_alg_values_supported") or ["RS256"]
        described["id_token_signing_alg_values_supported"] = [
            each for each in offered if str(each).startswith(("RS", "PS", "ES", "Ed"))
        ]
        return described

    async def _more(self, token: Mapping[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
        """The claims, with what only the provider's page of user information tells."""
        wanted = (self._settings.oidc_name_claim, self._settings.oidc_role_claim.partition(".")[0])
        if all(name in claims for name in wanted) or "userinfo_endpoint" not in await self._look():
            return claims
        told = dict(await self._provider.userinfo(token=token))
        if told.get("sub") != claims["sub"]:
            log.error("The provider tells of another user than it vouches for.")
            raise SignOnError("failed")
        return told | claims

    def _role(self, claims: Mapping[str, Any]) -> Role | None:
        """The highest role that the claim gives."""
        value: Any = claims
        for name in self._settings.oidc_role_claim.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        values = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
        roles = self._settings.oidc_roles
        given = {roles[each] for each in values if isinstance(each, str) and each in roles}
        usual = self._settings.oidc_default_role
        return max(given, key=ROLES.index) if given else None if usual == "none" else usual

    def _address(self, request: Request, page: str) -> str:
        """A page's address as browsers know it."""
        if urlsplit(self._public_address).netloc:
            return f"{self._public_address}/{page}"
        return f"{request.url.scheme}://{request.headers.get('host', '')}{self._path}/{page}"

    def _cookie(self, request: Request, secure: bool) -> str:
        """By its prefix, a browser takes it from nobody but this host, by https.

        A server of a name beside or below this one could otherwise put a login that it has begun itself into a browser,
        and have that end in an account of its own.
        """
        server = request.scope.get("server") or ("", 0)
        return f"{'__Host-' if secure else ''}{_COOKIE}-{server[1]}"

    def _cookie_path(self, secure: bool) -> str:
        """Where a browser sends it: everywhere if its prefix asks for that."""
        return "/" if secure else f"{self._path}/oidc/"

    def _sealed(self, kept: Mapping[str, Any]) -> str:
        content = json.dumps({"kept": kept, "until": time.time() + _AWAY_SECONDS}).encode()
        return f"{base64.urlsafe_b64encode(content).decode()}.{hmac.digest(self._key, content, 'sha256').hex()}"

    def _opened(self, cookie: str) -> dict[str, Any]:
        """What was kept; nothing if this server has not sealed it, or too long ago."""
        encoded, _, seal = cookie[:_MOST_COOKIE_CHARS].partition(".")
        try:
            content = base64.urlsafe_b64decode(encoded)
        except ValueError:
            return {}
        wanted = hmac.digest(self._key, content, "sha256").hex()
        if not hmac.compare_digest(wanted.encode(), seal.encode("utf-8", "surrogateescape")):
            return {}
        body = json.loads(content)
        return dict(body["kept"]) if body["until"] > time.time() else {}


@contextmanager
def _refusing() -> Iterator[None]:
    """What goes wrong on the way to the provider and back is told in a word, and stands in the log."""
    import httpx2

    try:
        yield
    except SignOnError:
        raise
    except httpx2.HTTPError as error:
        log.warning("The provider of logins cannot be reached: %r", error)
        raise SignOnError("unreachable") from None
    except Exception as error:  # Authlib's, those of the library below it, and what a strange answer brings about
        log.warning("The provider vouches for nobody: %r", error)
        raise SignOnError("failed") from None


def _check(settings: Settings) -> None:
    if not _is_safe(settings.oidc_issuer):
        raise SettingsError(
            f"oidc_issuer is {settings.oidc_issuer!r}, which is no https address.",
            hint="Write it as the provider does, like https://login.example.com.",
        )
    if not settings.oidc_client_id:
        raise SettingsError("oidc_client_id is missing.", hint="Take it from the provider, where Shiori is registered.")
    if "openid" not in settings.oidc_scope.split():
        raise SettingsError("oidc_scope lacks openid.", hint='Write it like "openid profile".')


def _is_safe(address: str) -> bool:
    """Whether nobody on the way can read or change what is sent there."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _secret(settings: Settings) -> str | None:
    """The secret; a public client has none."""
    if settings.oidc_client_secret is not None:
        return settings.oidc_client_secret.get_secret_value()
    file: Path | None = settings.oidc_client_secret_file
    if file is None:
        return None
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"The client's secret cannot be read ({error}).", path=file) from None
    if not secret:
        raise SettingsError(
            "The file of the client's secret is empty.", path=file, hint="A client without one has none set."
        )
    return secret
