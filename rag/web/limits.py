"""How much one server takes on, in one place. ``docs/api.md`` repeats these numbers for its readers."""

from __future__ import annotations

JSON_BYTES = 4_000_000
"""Largest body of a request other than an upload."""
JSON_VALUES = 100_000
"""Values in such a body, as far as commas set them apart."""
JSON_DEPTH = 32
"""Deepest nesting of lists and objects in a body."""
HEAD_SECONDS = 10.0
"""Longest time for the head of a request to arrive, from the connection or the request's first byte on."""
BODY_SECONDS = 30.0
"""Longest time for such a body to arrive."""
SLOWEST_BYTES = 20_000
"""Bytes a second by which the time for the body of an upload grows; who sends less is cut off."""
KEPT_ALIVE_SECONDS = 5
"""How long a connection is kept on which nothing is asked."""
UPLOAD_BYTES = 512_000_000
"""Largest upload, all of its files together. A single file may have ``settings.max_file_mb``."""
STORED_BYTES = 4_000_000_000
"""Uploads and results kept at once, all users together; further uploads are refused."""
UPLOAD_HOURS = 24.0
"""How long uploads, and copies of results for a download, are kept; the next upload clears what is older."""
PATH_CHARS = 8_000
"""Longest path of a request, in characters."""

END_SECONDS = 2.0
"""How long the server may take to end; what is being answered then is not waited for."""

AT_ONCE = 2
"""Questions answered at the same time, as many searches beside them, and of each kind of work in the page that sets no
other number."""
WAITING = 64
"""Questions that wait for their turn, and as many searches, whichever way they came. When a line is full, the last of
whoever has most in it makes room for one who has fewer; others are refused with status 503."""
EVENTS = 40
"""Events of pages worked on at once beside questions. As many wait as questions do."""
REQUESTS = 256
"""Requests answered at once, but for those that only wait for news; more are refused with status 503."""
REQUESTS_EACH = 128
"""Those of one account, or of one address where nobody logs in: more than there are places in a line of questions."""
RETRY_SECONDS = 5
"""When to come again, as who is refused with status 503 is told."""
CONNECTIONS = 512
"""Connections held at once; more are refused with status 503. An open page holds two."""
CONNECTIONS_EACH = 256
"""Those from one address, unless it is a trusted proxy's; more are closed at once."""
READ_SECONDS = 30.0
"""How long who gets an answer may leave it unread; more than 64 kB that is not read is no longer kept."""
HEAD_BYTES = 64_000
"""Largest head of a request."""

MOST_HITS = 100
"""Passages that one call of the API returns at most."""

LOGIN_TRIES = 5
"""Wrong passwords for one account from one address before it has to wait."""
ADDRESS_TRIES = 20
"""Wrong passwords from one address, for all accounts together."""
ACCOUNT_TRIES = 20
"""Wrong passwords for one account, from all addresses together."""
LOGIN_PAUSE = 60.0
"""For how long they count, in seconds."""
KEPT_TRIES = 10_000
"""Wrong passwords, and accounts with an address they came from, that are remembered at most."""
LOGIN_BYTES = 8_000
"""Largest form with a name and a password."""
SESSION_SECONDS = 7 * 24 * 3600
"""How long a browser stays logged in."""
SIGNED_ON_SECONDS = 12 * 3600
"""How long a browser stays logged in that another server vouched for: who may no longer log in there is out by then."""
LOGGED_IN = 100
"""Browsers in which one account is logged in at once; the one that came first is logged out for the next."""

SESSIONS = 200
"""Pages and callers that Gradio remembers; each takes 0.7 MB, and those unused for longest go first."""
