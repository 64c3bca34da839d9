"""Facts kept warm: the lines of the reports tried last, in memory, so that a slider need not read them again."""

import atexit
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from app.transactions.intake import Intake

KEPT_MAX = 2  # what a person tries, and what a colleague does; a million lines take about 200 MB


@dataclass(slots=True)
class Warm:
    """One database of facts. `marks` remembers what its tables hold, so that nothing is decided twice."""

    db: duckdb.DuckDBPyConnection
    intake: Intake
    marks: dict[str, object] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    is_dropped: bool = False


class Warmth:
    """The databases used last, by what they hold; the one not used longest goes first, when nobody uses it any more."""

    def __init__(self, most: int = KEPT_MAX) -> None:
        self._most = most
        self._kept: dict[Hashable, Warm] = {}
        self._lock = threading.Lock()
        self._is_cleared_at_exit = False

    @contextmanager
    def taken(self, key: Hashable, load: Callable[[], tuple[duckdb.DuckDBPyConnection, Intake]]) -> Iterator[Warm]:
        """The facts under this key, for one thread at a time; loaded where they are not warm."""
        found = self._found(key, load)
        try:
            with found.lock:
                yield found
        finally:
            with self._lock:
                found.users -= 1
                self._close_if_done(found)

    def clear(self) -> None:
        """Lets everything go."""
        with self._lock:
            while self._kept:
                self._drop(next(iter(self._kept)))

    def _found(self, key: Hashable, load: Callable[[], tuple[duckdb.DuckDBPyConnection, Intake]]) -> Warm:
        with self._lock:
            found = self._kept.pop(key, None)
            if found is None:
                found = Warm(*load())
                if not self._is_cleared_at_exit:
                    atexit.register(self.clear)  # an open database at the very end is told on the console
                    self._is_cleared_at_exit = True
            self._kept[key] = found
            found.users += 1
            while len(self._kept) > self._most:
                self._drop(next(iter(self._kept)))
            return found

    def _drop(self, key: Hashable) -> None:
        gone = self._kept.pop(key)
        gone.is_dropped = True
        self._close_if_done(gone)

    @staticmethod
    def _close_if_done(warm: Warm) -> None:
        if warm.is_dropped and warm.users == 0:
            warm.db.close()
