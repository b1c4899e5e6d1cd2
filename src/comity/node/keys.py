"""The secrets of one member's node: one file, encrypted under a passphrase.

For each office an Ed25519 seed, with which it signs, and an X25519 key, with
which it opens what is sealed to it; and a *store key*, under which the keys of
epochs rest in the record. Secrets stay inside `Secret`, which shows nothing of
them: not in a repr, an error, a log or a traceback.

An old key is never thrown away: it opens what was once sealed to it. Rotation
has two steps, so that a crash between them loses nothing: `with_new` keeps a
new key that does not sign yet; `signing_with` makes it the one that does, after
the act that announces it.

The file is JSON. What derives its key (Argon2id, RFC 9106) stands in clear with
its cost; the secrets are one box (AES-256-GCM). `check` is a SHA-256 over all
the rest, which tells a damaged file from a wrong passphrase.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import msgspec
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Meta

from comity.core.founding import Code, Hash, KeyHeld, Label
from comity.core.signing import key_id, public_key
from comity.core.strict import read_base64, read_json, write_base64, write_json
from comity.errors import ActError, UsageError
from comity.node.files import StoreError, check_private, write_whole

MAX_KEYS_FILE = 4_000_000
MAX_KEYS = 10_000
NONCE_BYTES = 12
_ABOUT_FILE = b"comity keys v1"


class Secret:
    """Bytes that nobody is shown; ask for them with `reveal`, and only where they are used."""

    __slots__ = ("__bytes",)

    def __init__(self, value: bytes) -> None:
        self.__bytes = bytes(value)

    def reveal(self) -> bytes:
        """Return the bytes."""
        return self.__bytes

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.__bytes, other.__bytes)

    __hash__ = None  # type: ignore[assignment]

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled or copied into other files")

    def __deepcopy__(self, memo: object) -> Secret:
        return self


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a guess at the passphrase costs: memory in KiB, passes over it, and lanes.

    Bounded below, so that no file is easy to guess, and above, so that no file
    exhausts the machine that opens it.
    """

    memory: Annotated[int, Meta(ge=19_456, le=2_097_152)] = 65_536
    passes: Annotated[int, Meta(ge=2, le=16)] = 3
    lanes: Annotated[int, Meta(ge=1, le=16)] = 4


USUAL = Cost()
"""The second recommended choice of RFC 9106, section 4."""
LEAST = Cost(19_456, 2, 1)
"""The least that OWASP's password storage cheat sheet recommends: for tests and exercises."""


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """A key of an office: what signs, and what opens.

    Parameters
    ----------
    member, office
        Whose it is.
    seed
        The secret that the signing key grows from.
    opening
        The secret that opens what is sealed to `sealing`.
    made_at
        When it was made, as an instant.
    signs
        Whether it is the one that the office signs with now.
    """

    member: str
    office: str
    seed: Secret = field(repr=False)
    opening: Secret = field(repr=False)
    made_at: str
    signs: bool

    @property
    def key(self) -> bytes:
        """The public signing key."""
        return public_key(self.seed.reveal())

    @property
    def key_id(self) -> str:
        """The short name of the signing key."""
        return key_id(self.key)

    @property
    def sealing(self) -> bytes:
        """The public key that others seal to."""
        private = X25519PrivateKey.from_private_bytes(self.opening.reveal())
        return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def held(self) -> KeyHeld:
        """What a founding or an act says of it: the public half."""
        return KeyHeld(self.member, self.office, self.key.hex(), self.sealing.hex())


@dataclass(frozen=True, slots=True)
class Keys:
    """All secrets of a node.

    Parameters
    ----------
    member
        Whose node it is.
    offices
        The keys of its offices, the oldest first.
    store
        The key under which the keys of epochs rest in the record.
    """

    member: str
    offices: tuple[OfficeKey, ...]
    store: Secret = field(repr=False)

    def signing(self, office: str | None = None) -> OfficeKey:
        """Return the key that an office signs with; the only office need not be named.

        Raises
        ------
        UsageError
            If there is no such office here, or several to choose from.
        """
        found = [k for k in self.offices if k.signs and office in (None, k.office)]
        if len(found) == 1:
            return found[0]
        have = ", ".join(sorted({k.office for k in self.offices}))
        raise UsageError(
            f"{self.member} has no key here for {office}"
            if office
            else f"several offices of {self.member} sign here",
            hint=f"name one of: {have}",
        )

    def by_id(self, name: str) -> OfficeKey | None:
        """Return the key with a short name, an old one too."""
        return next((k for k in self.offices if k.key_id == name), None)

    def opening(self, sealing: str) -> Secret | None:
        """Return the secret that opens what was sealed to a public key, in hexadecimal digits."""
        return next((k.opening for k in self.offices if k.sealing.hex() == sealing), None)

    def with_new(
        self,
        office: str,
        *,
        made_at: str,
        signs: bool = False,
        chance: Callable[[int], bytes] = secrets.token_bytes,
    ) -> Keys:
        """Return them with a new key for an office; it does not sign before `signing_with`.

        `signs` is for the first key of an office.
        """
        if len(self.offices) >= MAX_KEYS:
            raise UsageError(
                f"{self.member} has {MAX_KEYS:,} keys already",
                hint="begin a new folder for a new coalition",
            )
        new = OfficeKey(
            self.member, office, Secret(chance(32)), Secret(chance(32)), made_at, signs=False
        )
        more = replace(self, offices=(*self.offices, new))
        return more.signing_with(new.key_id) if signs else more

    def signing_with(self, name: str) -> Keys:
        """Return them with the key of this short name as the one its office signs with.

        The office's other keys are kept: they open what was sealed to them.

        Raises
        ------
        UsageError
            If no such key is here.
        """
        chosen = self.by_id(name)
        if chosen is None:
            raise UsageError(
                f"the key {name[:32]} is not here", hint="keep it first, with Keys.with_new"
            )
        return replace(
            self,
            offices=tuple(
                replace(k, signs=k.key_id == name) if k.office == chosen.office else k
                for k in self.offices
            ),
        )

    def wrap(self, secret: bytes, about: str) -> bytes:
        """Encrypt a secret for the record; `about` says which one, and is not hidden."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.store.reveal()).encrypt(nonce, secret, about.encode())

    def unwrap(self, box: bytes, about: str) -> bytes:
        """Open what `wrap` made.

        Raises
        ------
        StoreError
            If it was damaged, is about something else, or was made by other keys.
        """
        try:
            return AESGCM(self.store.reveal()).decrypt(
                box[:NONCE_BYTES], box[NONCE_BYTES:], about.encode()
            )
        except (InvalidTag, ValueError):
            raise StoreError(
                f"what the record keeps for {about} cannot be opened with these keys",
                hint="the record and keys.json must be of the same node",
            ) from None


def new_keys(
    member: str,
    offices: tuple[str, ...],
    *,
    made_at: str,
    chance: Callable[[int], bytes] = secrets.token_bytes,
) -> Keys:
    """Make the first keys of a member: one for each office, and a store key.

    Parameters
    ----------
    made_at
        The instant to note beside them.
    chance
        Where secrets come from; tests and exercises may give their own.
    """
    keys = Keys(member, (), Secret(chance(32)))
    for office in dict.fromkeys(offices):
        keys = keys.with_new(office, made_at=made_at, signs=True, chance=chance)
    return keys


class _OfficeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    member: Code
    office: Label
    seed: Hash
    opening: Hash
    made_at: Annotated[str, Meta(max_length=40)]
    signs: bool


class _SecretsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    member: Code
    offices: Annotated[tuple[_OfficeForm, ...], Meta(max_length=MAX_KEYS)]
    store: Hash


class _FileForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    comity: Literal[1]
    derivation: Literal["argon2id"]
    cipher: Literal["aes-256-gcm"]
    cost: Cost
    salt: Annotated[str, Meta(max_length=64)]
    nonce: Annotated[str, Meta(max_length=32)]
    box: Annotated[str, Meta(max_length=MAX_KEYS_FILE)]
    check: Annotated[str, Meta(max_length=64)]


def write_keys(path: Path, keys: Keys, passphrase: bytes, *, cost: Cost | None = None) -> None:
    """Write all secrets into one file, encrypted, whole or not at all.

    Parameters
    ----------
    cost
        What a guess at the passphrase costs from now on; unless given, what it
        cost in the file that is there, and `USUAL` in a new one.

    Raises
    ------
    UsageError
        If the passphrase is empty.
    StoreError
        If the file cannot be written, or the one that is there is damaged.
    """
    if cost is None:
        cost = read_cost(path) if path.exists() else USUAL
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(NONCE_BYTES)
    plain = _SecretsForm(
        keys.member,
        tuple(
            _OfficeForm(
                k.member,
                k.office,
                k.seed.reveal().hex(),
                k.opening.reveal().hex(),
                k.made_at,
                k.signs,
            )
            for k in keys.offices
        ),
        keys.store.reveal().hex(),
    )
    form = _FileForm(
        comity=1,
        derivation="argon2id",
        cipher="aes-256-gcm",
        cost=cost,
        salt=write_base64(salt),
        nonce=write_base64(nonce),
        box="",
        check="",
    )
    box = _cipher(passphrase, salt, cost).encrypt(nonce, write_json(plain), _about(form))
    form = msgspec.structs.replace(form, box=write_base64(box))
    write_whole(path, write_json(msgspec.structs.replace(form, check=_check(form))))


def read_keys(path: Path, passphrase: bytes) -> Keys:
    """Read all secrets.

    Raises
    ------
    StoreError
        If the file is missing or damaged, if the passphrase is not the one it
        was written with, or if other accounts can read it.
    """
    form, salt, nonce, box = _read_form(path)
    try:
        data = _cipher(passphrase, salt, form.cost).decrypt(nonce, box, _about(form))
    except InvalidTag:
        raise StoreError(
            f"the passphrase does not open {path}",
            hint="type it again; without it the keys cannot be had, and must be replaced",
        ) from None
    try:
        plain = msgspec.json.decode(data, type=_SecretsForm)
    except msgspec.MsgspecError:
        raise _damaged(path) from None
    return Keys(
        plain.member,
        tuple(
            OfficeKey(
                k.member,
                k.office,
                Secret(bytes.fromhex(k.seed)),
                Secret(bytes.fromhex(k.opening)),
                k.made_at,
                k.signs,
            )
            for k in plain.offices
        ),
        Secret(bytes.fromhex(plain.store)),
    )


def read_cost(path: Path) -> Cost:
    """Return what a guess at the passphrase of a file of keys costs."""
    return _read_form(path)[0].cost


def check_keys(path: Path) -> None:
    """Check that a file of keys is whole and private, as far as that shows without a passphrase.

    Raises
    ------
    StoreError
        If it is missing, damaged, or within reach of other accounts.
    """
    _read_form(path)


def _read_form(path: Path) -> tuple[_FileForm, bytes, bytes, bytes]:
    try:
        check_private(path)
        data = path.read_bytes()
    except OSError as wrong:
        raise StoreError(
            f"the keys cannot be read from {path}: {wrong.strerror}",
            hint="put the file back from where you keep it safe",
        ) from None
    try:
        form = read_json(data, _FileForm, limit=MAX_KEYS_FILE, what="the file of keys")
        parts = tuple(
            read_base64(text, "a part of the file of keys")
            for text in (form.salt, form.nonce, form.box)
        )
    except ActError:
        raise _damaged(path) from None
    if form.check != _check(form) or len(parts[0]) != 16 or len(parts[1]) != NONCE_BYTES:
        raise _damaged(path)
    return form, parts[0], parts[1], parts[2]


def _damaged(path: Path) -> StoreError:
    return StoreError(
        f"{path} is damaged, or was written by a newer Comity",
        hint="put the file back from where you keep it safe; no passphrase opens this one",
    )


def _check(form: _FileForm) -> str:
    return sha256(write_json(msgspec.structs.replace(form, check=""))).hexdigest()


def _about(form: _FileForm) -> bytes:
    """Return what stands in clear, so that it cannot be changed under the box."""
    return _ABOUT_FILE + write_json(msgspec.structs.replace(form, box="", check=""))


def _cipher(passphrase: bytes, salt: bytes, cost: Cost) -> AESGCM:
    if not passphrase:
        raise UsageError("the passphrase is empty", hint="choose one of several words")
    try:
        derivation = Argon2id(
            salt=salt,
            length=32,
            iterations=cost.passes,
            lanes=cost.lanes,
            memory_cost=cost.memory,
        )
    except UnsupportedAlgorithm:
        raise StoreError(
            "the library of ciphers on this machine has no Argon2id",
            hint="install the package 'cryptography' from its own wheels",
        ) from None
    return AESGCM(derivation.derive(passphrase))
