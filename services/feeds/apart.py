"""Reads what strangers sent, feeds and pictures, in a process of its own, which may take its time, hang or die without
holding up anything else.

A thread would not do: feedparser is Python, and while it runs, the receiver waits for the interpreter. The process
gets the bytes and nothing else, no setting and no secret; it begins with the first thing there is to read.
"""

import asyncio
import json
import os
import sys
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter

from services.feeds.fetch import FeedError, Fetched
from services.feeds.parse import ParsedFeed, parse
from services.feeds.shrink import make_small

LONGEST_S = 20.0
MOST_MEMORY_BYTES = 1024**3
# Should whoever began it be killed over something that hangs, it ends by itself.
MOST_CPU_S = 300
_LONGEST_ANSWER_BYTES = 64 * 1024**2
_ROOT = Path(__file__).parents[2]
_FEED = TypeAdapter(ParsedFeed)
_UNREADABLE = "The feed cannot be read."


class ReaderProcess:
    """Reads one thing after another; to be entered with `async with`, and ended by leaving it."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._is_over = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_over = True
        await self._end()

    async def parse(self, fetched: Fetched) -> ParsedFeed:
        """Parse a feed. Raises FeedError: it is none, is broken, or cannot be read in time."""
        job = {"job": "feed", "url": fetched.url, "content_type": fetched.content_type}
        return _FEED.validate_python(await self._do(job, fetched.content))

    async def shrink(self, content: bytes) -> bytes:
        """Return a picture as `make_small` does. Raises FeedError: it is none, or cannot be read in time."""
        return b64decode(await self._do({"job": "picture"}, content))

    async def _do(self, job: Mapping[str, Any], content: bytes) -> Any:  # noqa: ANN401  (whatever the job gives)
        async with self._turn:
            try:
                async with asyncio.timeout(LONGEST_S):
                    answer = await self._ask(job, content)
            except (TimeoutError, OSError, ValueError) as error:
                await self._end()
                raise FeedError(_UNREADABLE) from error
            except asyncio.CancelledError:
                # Its answer would be taken for that to the next question.
                await self._end()
                raise
        if "error" in answer:
            raise FeedError(answer["error"])
        return answer["done"]

    async def _ask(self, job: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        if self._is_over:
            raise OSError("the reader has been ended")
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", __name__),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LONGEST_ANSWER_BYTES,
                cwd=_ROOT,
                env={},
            )
        to, back = self._process.stdin, self._process.stdout
        if to is None or back is None:
            raise OSError("the reader has no pipes")
        to.write(json.dumps({**job, "length": len(content)}).encode() + b"\n" + content)
        await to.drain()
        line = await back.readline()
        if not line:
            raise OSError("the reader has died")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()


def _work() -> None:
    """Answer each job on stdin with a line on stdout, until stdin ends."""
    if sys.platform != "win32":
        import resource

        os.nice(10)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    while line := sys.stdin.buffer.readline():
        job = json.loads(line)
        content = sys.stdin.buffer.read(job["length"])
        try:
            answer = {"done": _done(job, content)}
        except (FeedError, ValueError) as error:
            answer = {"error": str(error)}
        except MemoryError:
            answer = {"error": _UNREADABLE}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _done(job: Mapping[str, Any], content: bytes) -> Any:  # noqa: ANN401
    if job["job"] == "picture":
        return b64encode(make_small(content)).decode()
    parsed = parse(Fetched(content=content, url=job["url"], content_type=job["content_type"]))
    return _FEED.dump_python(parsed, mode="json")


if __name__ == "__main__":
    _work()
