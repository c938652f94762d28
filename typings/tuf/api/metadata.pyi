from datetime import datetime
from typing import IO, ClassVar, Generic, TypeVar

from securesystemslib.signer import Key, Signature, Signer
from tuf.api.serialization.json import JSONSerializer

class Signed:
    type: ClassVar[str]
    version: int
    expires: datetime

class Role:
    keyids: list[str]
    threshold: int

class VerificationResult:
    signed: dict[str, Key]
    def __bool__(self) -> bool: ...

class Root(Signed):
    keys: dict[str, Key]
    roles: dict[str, Role]
    def __init__(
        self, version: int | None = None, *, expires: datetime | None = None, consistent_snapshot: bool | None = True
    ) -> None: ...
    def add_key(self, key: Key, role: str) -> None: ...
    def revoke_key(self, keyid: str, role: str) -> None: ...
    def get_verification_result(
        self, delegated_role: str, payload: bytes, signatures: dict[str, Signature]
    ) -> VerificationResult: ...

class MetaFile:
    version: int
    def __init__(self, version: int = 1) -> None: ...

class Timestamp(Signed):
    snapshot_meta: MetaFile
    def __init__(
        self, version: int | None = None, *, expires: datetime | None = None, snapshot_meta: MetaFile | None = None
    ) -> None: ...

class Snapshot(Signed):
    meta: dict[str, MetaFile]
    def __init__(
        self, version: int | None = None, *, expires: datetime | None = None, meta: dict[str, MetaFile] | None = None
    ) -> None: ...

class TargetFile:
    length: int
    hashes: dict[str, str]
    path: str
    unrecognized_fields: dict[str, object]
    @classmethod
    def from_file(
        cls, target_file_path: str, local_path: str, hash_algorithms: list[str] | None = None
    ) -> TargetFile: ...
    def verify_length_and_hashes(self, data: bytes | IO[bytes]) -> None: ...

class Targets(Signed):
    targets: dict[str, TargetFile]
    def __init__(self, version: int | None = None) -> None: ...

T = TypeVar("T", bound=Signed)

class Metadata(Generic[T]):
    signed: T
    signatures: dict[str, Signature]
    def __init__(self, signed: T) -> None: ...
    @classmethod
    def from_bytes(cls, data: bytes) -> Metadata[T]: ...
    def to_bytes(self, serializer: JSONSerializer | None = None) -> bytes: ...
    @property
    def signed_bytes(self) -> bytes: ...
    def sign(self, signer: Signer, append: bool = False) -> Signature: ...
    def verify_delegate(self, delegated_role: str, delegated_metadata: Metadata[Root] | Metadata[Targets]) -> None: ...
