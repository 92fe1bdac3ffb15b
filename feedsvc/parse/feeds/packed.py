"""Documents that are gzip files themselves, as sitemaps (`sitemap.xml.gz`) often are."""

from __future__ import annotations

import zlib
from dataclasses import replace

from feedsvc.domain.parsed import ParseJob
from feedsvc.errors import BrokenDocument, TooComplex

# As much as a fetch inflates of what a server sends compressed.
MOST_INFLATED = 10 * 1024 * 1024
_GZIP = b"\x1f\x8b\x08"
_WITH_GZIP_HEADER = 31


def unpacked(job: ParseJob) -> ParseJob:
    """The job with its document inflated where it is a gzip file.

    Raises TooComplex beyond 10 MB, BrokenDocument where it is cut or no gzip file after all.
    """
    if not job.body.startswith(_GZIP):
        return job
    inflater = zlib.decompressobj(_WITH_GZIP_HEADER)
    try:
        body = inflater.decompress(job.body, MOST_INFLATED)
    except zlib.error as error:
        raise BrokenDocument(job.url, f"a gzip file that cannot be read: {error}") from error
    if not inflater.eof and len(body) >= MOST_INFLATED:
        raise TooComplex(job.url, "a gzip file with more than 10 MB in it")
    if not inflater.eof:
        raise BrokenDocument(job.url, "a gzip file that is cut off")
    return replace(job, body=body)
