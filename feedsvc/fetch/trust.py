"""Finding the system's certificate store: the one compiled into libcurl may not exist here."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# Where distributions keep their bundle, as Go's crypto/x509 lists them too.
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/usr/local/etc/openssl/cert.pem",
    "/opt/homebrew/etc/openssl@3/cert.pem",
)
FOLDERS = ("/etc/ssl/certs", "/system/etc/security/cacerts")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStore:
    """The certificates that we trust: a bundle file, or a folder of hashed names, or neither."""

    file: str | None = None
    folder: str | None = None

    @property
    def found(self) -> bool:
        """Whether there is anything to verify a certificate with."""
        return bool(self.file or self.folder)


def find_trust_store(
    bundles: Iterable[str] = BUNDLES, folders: Iterable[str] = FOLDERS
) -> TrustStore:
    """Look where SSL_CERT_FILE and SSL_CERT_DIR point, where Python's OpenSSL looks, then in known places.

    A variable that is set is obeyed even where nothing is there: whoever names a private store
    does not want another one to be trusted instead. A file goes before a folder, because libcurl
    keeps only a file's certificates in memory between connections.
    """
    named_file, named_folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if named_file:
        return TrustStore(file=named_file)
    if named_folder:
        return TrustStore(folder=named_folder)
    paths = ssl.get_default_verify_paths()
    for file in (paths.cafile, *bundles):
        if file and Path(file).is_file():
            return TrustStore(file=file)
    for folder in (paths.capath, *folders):
        if folder and any(Path(folder).glob("*.[0-9]")):
            return TrustStore(folder=folder)
    return TrustStore()
