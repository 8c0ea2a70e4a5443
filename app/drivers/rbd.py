"""Volumes and snapshots in a pool of Ceph, or in a namespace of one: nobody else's, for what is not known here goes.

    <volume>                                an image, read and written by the servers
    <image>@<snapshot>.<size>               a snapshot: the first so many bytes of the image, read-only
    .draft.<volume>.<since>.<random>        an image in the making, since so many seconds after 1970
    .deleted.<volume>.<random>              a deleted volume: kept while it has snapshots, else removed by `tidy`
    .volumes-and-snapshots.<owner>.<random> the marker, names whose it is: without it an absent image says nothing

A snapshot is instant and atomic. A restored volume is a clone (format 2), there at once and flattened later, so all may
be deleted in any order: Ceph keeps in its trash what a clone still reads, and lets it go with the last of them.

Making an image and cloning one are many steps in the cluster, and a client may die between them; so they are done under
the name of a draft, and published by renaming, which never replaces. An image is there when the pool's directory lists
it, which is the last step of that: a name that merely opens may be the half of a renaming that was cut off.
"""

import errno
import json
import re
import secrets
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from app.drivers import diff, sparse
from app.drivers.ceph import Ceph, Failed, passing
from app.drivers.contract import Cut, Inventory, Missing, Refused, Report, Unsure

MARKER = ".volumes-and-snapshots"
DRAFT = ".draft."
DELETED = ".deleted."
FEATURES = "--rbd_default_features=61"  # fast-diff and deep-flatten, with all that they need; a clone has its parent's
RESERVE = 64 << 20  # bytes that are left alone: metadata grows too, and a full cluster blocks

Extents = list[tuple[int, int]]
"""Ranges in order: offset of the first byte and of the one after the last."""


class Place(NamedTuple):
    """Where a snapshot is: cut from which image, of how many bytes."""

    image: str
    snapshot: str
    size: int

    @property
    def name(self) -> str:
        """The snapshot's name in the cluster."""
        return f"{self.snapshot}.{self.size}"


class Rbd:
    """A driver over an owner's `pool` or `pool/namespace`; any other is Unsure, unless it is empty and `may_be_new`.

    Markers of former versions name nobody. Such a pool goes to the first owner who comes to it and is not new. Several
    markers of one owner are as good as one; each has a name of its own, for a creation that is cut off spoils the name.

    A draft older than `dead_after` is a dead worker's: no command takes that long, nor do clocks differ so much.
    """

    def __init__(
        self,
        ceph: Ceph,
        pool: str,
        owner: str,
        *,
        may_be_new: bool = True,
        dead_after: timedelta = timedelta(minutes=10),
    ) -> None:
        self._ceph, self._pool = ceph, pool
        self._marker = f"{MARKER}.{owner}."
        self._dead_after = dead_after
        self._places: dict[str, Place] = {}
        names = self._names()
        unmarked = not names if may_be_new else _markers(names) == [MARKER]
        if unmarked:
            self._rbd("create", "--size", "0", self._spec(f"{self._marker}{secrets.token_hex(8)}"))
        self._images()

    def create_volume(self, volume: str, size: int) -> None:
        if not self._holds(volume):
            self._must_fit(0)
            with self._draft(volume) as draft:
                self._rbd("create", FEATURES, "--size", f"{size}B", draft)

    def restore_volume(self, volume: str, snapshot: str, size: int, report: Report) -> None:
        if not self._holds(volume):
            place = self._place(snapshot)
            source = self._cut(place)
            self._must_fit(_length(self._extents(source)))
            with self._draft(volume) as draft:
                self._rbd("clone", "--rbd_default_clone_format=2", source, draft)
                if self._read("info", draft)["size"] != size:  # the snapshot is of a volume that had grown
                    self._rbd("resize", "--no-progress", "--allow-shrink", "--size", f"{size}B", draft)

    def flatten_volume(self, volume: str, report: Report) -> None:
        self._must_hold(volume)
        image = self._spec(volume)
        if "parent" in self._read("info", image):
            self._must_fit(_length(self._extents(image)))
            with self._ceph.running("rbd", "flatten", image) as flattening:
                for percent in flattening.percentages():
                    report(percent)
        report(100)

    def extend_volume(self, volume: str, size: int) -> None:
        self._must_hold(volume)
        if self._read("info", self._spec(volume))["size"] < size:
            self._must_fit(0)
            self._rbd("resize", "--no-progress", "--size", f"{size}B", self._spec(volume))

    def attach_volume(self, volume: str) -> None:
        self._must_hold(volume)  # whoever is a user of the cluster reaches the image as it is

    def detach_volume(self, volume: str) -> None:
        # A server that let go of the volume holds no lock. One that died does, and keeps others waiting for 30 s.
        if self._holds(volume):
            for lock in self._read("lock", "ls", self._spec(volume)):
                with passing(errno.ENOENT):
                    self._rbd("lock", "rm", self._spec(volume), lock["id"], lock["locker"])

    def delete_volume(self, volume: str) -> None:
        if self._holds(volume):
            self._rbd("rename", self._spec(volume), self._spec(f"{DELETED}{volume}.{secrets.token_hex(8)}"))

    def create_snapshot(self, snapshot: str, volume: str, size: int, report: Report) -> Cut:
        place = Place(volume, _plain(snapshot), size)
        if self._holds(volume):
            self._must_fit(0)
            with passing(errno.EEXIST):
                self._rbd("snap", "create", "--no-progress", self._cut(place))
            self._places[snapshot] = place
        elif self._found(snapshot) is None:
            raise _missing("volume")
        return Cut(instant=True, checksum=None, used_bytes=None)

    def delete_snapshot(self, snapshot: str) -> None:
        if (place := self._found(snapshot)) is not None:
            # If that finds nothing, it may be since the volume was renamed meanwhile: the next call will tell.
            self._rbd("snap", "rm", "--no-progress", self._cut(place))

    def checksum_snapshot(self, snapshot: str, report: Report) -> str:
        place = self._place(snapshot)
        source = self._cut(place)
        # By whole objects, for without that the export asks for each object of the image, be it there or not.
        command = ("rbd", "export-diff", "--no-progress", "--whole-object", source, "-")

        def read() -> Iterator[tuple[int, memoryview]]:
            for offset, content in diff.pieces(export.output, place.size):
                report(100 * offset // place.size)
                yield offset, content

        with self._ceph.running(*command) as export:
            checksum = sparse.checksum_of(read(), place.size)
        report(100)
        return checksum

    def used_bytes(self, snapshot: str) -> int:
        """Count, by whole objects, what is other in the snapshot before and in what follows."""
        place = self._place(snapshot)
        cuts = self._cuts(place.image)
        before = [f"--from-snap={cut.name}" for cut in cuts[: cuts.index(place)][-1:]]
        after = [self._cut(cut) for cut in cuts[cuts.index(place) + 1 :]] + [self._spec(place.image)]
        new = self._extents(self._cut(place), *before)
        return _common(new, self._extents(after[0], f"--from-snap={place.name}", gone=True))

    def connection(self, volume: str) -> str:
        return f"rbd:{self._spec(_plain(volume))}"

    def inventory(self) -> Inventory:
        sizes, places = self._look_round()
        volumes = {image: size for image, size in sizes.items() if not image.startswith(".")}
        return Inventory(volumes, {place.snapshot: place.size for place in places})

    def tidy(self) -> None:
        names = self._images()
        for name in names:
            if name.startswith(DELETED):
                self._remove(name)
            elif name.startswith(DRAFT):
                self._remove_if_dead(name, names)

    def check(self) -> None:
        self._images()

    @contextmanager
    def _draft(self, volume: str) -> Iterator[str]:
        """Let an image be made under another name, and publish it. One that is not finished is left to `tidy`."""
        draft = f"{DRAFT}{volume}.{int(time.time())}.{secrets.token_hex(8)}"
        yield self._spec(draft)
        try:
            self._rbd("rename", self._spec(draft), self._spec(volume))
        except Failed as failed:
            if failed.code != errno.EEXIST:
                raise
            self._remove(draft)
            if not self._holds(volume):
                raise Unsure("a worker died while it published the volume; tidying mends that") from failed

    def _remove_if_dead(self, draft: str, names: set[str]) -> None:
        volume, since, _ = draft.removeprefix(DRAFT).rsplit(".", 2)
        if time.time() - int(since) < self._dead_after.total_seconds():
            return
        if volume not in names and self._id(volume) == self._id(draft):  # it died just while it published
            self._remove(volume)
        self._remove(draft)

    def _remove(self, name: str) -> None:
        """Remove an image unless it has snapshots or is still in use."""
        with passing(errno.ENOENT, errno.ENOTEMPTY, errno.EBUSY):
            command = ("rbd", "rm", "--no-progress", "--rbd_move_parent_to_trash_on_remove=true")
            with self._ceph.running(*command, self._spec(name)):
                pass

    def _id(self, name: str) -> str | None:
        with passing(errno.ENOENT):
            return str(self._read("info", self._spec(name))["id"])
        return None

    def _place(self, snapshot: str) -> Place:
        place = self._found(snapshot)
        if place is None:
            raise _missing("snapshot")
        return place

    def _found(self, snapshot: str) -> Place | None:
        """Look for a snapshot: where it was last, else everywhere, for the cluster has no list of snapshots by name."""
        place = self._places.get(_plain(snapshot))
        if place is None or place not in self._cuts(place.image):
            self._places = {place.snapshot: place for place in self._look_round()[1]}
        return self._places.get(snapshot)

    def _cuts(self, image: str) -> list[Place]:
        """List an image's snapshots, the oldest first; none if there is no such image."""
        with passing(errno.ENOENT):
            return [
                place for cut in self._read("snap", "ls", self._spec(image)) if (place := _parsed(image, cut["name"]))
            ]
        return []

    def _look_round(self) -> tuple[dict[str, int], list[Place]]:
        """Look at each image for its size and its snapshots. Unsure if not all of them show."""
        listing = self._ceph.run("rbd", "ls", "-l", self._pool, "--format", "json")
        for line in listing.stderr.splitlines():  # a list that leaves an image out succeeds all the same
            self._must_be_gone(line)
        entries = json.loads(listing.stdout)
        sizes = {entry["image"]: entry["size"] for entry in entries if "snapshot" not in entry}
        places = [_parsed(entry["image"], entry["snapshot"]) for entry in entries if "snapshot" in entry]
        self._must_be_marked(sizes)
        return sizes, [place for place in places if place]

    def _must_be_gone(self, complaint: str) -> None:
        """Raise Unsure unless an image was left out of a list for being half removed, or removed meanwhile.

        One that was renamed meanwhile, for it was deleted, may have snapshots, and they would seem to be gone too.
        """
        told = re.fullmatch(rf"rbd: error opening (.+): \({errno.ENOENT}\) .*", complaint)
        if not told or not (told[1].startswith(".") or told[1] in self._images()):
            raise Unsure(f"the cluster does not show all: {complaint}")

    def _holds(self, volume: str) -> bool:
        return _plain(volume) in self._images()

    def _must_hold(self, volume: str) -> None:
        if not self._holds(volume):
            raise _missing("volume")

    def _images(self) -> set[str]:
        names = set(self._names())
        self._must_be_marked(names)
        return names

    def _names(self) -> list[str]:
        return list(self._read("ls", self._pool))

    def _must_be_marked(self, images: Iterable[str]) -> None:
        """Raise Unsure unless the owner alone has marked it: then it is another pool, or another cluster."""
        owners = {marker.startswith(self._marker) for marker in _markers(images) if marker != MARKER}
        if owners != {True}:
            raise Unsure(f"it is {'marked as that of another' if owners else 'not marked as that of a'} database")

    def _extents(self, image: str, *since: str, gone: bool = False) -> Extents:
        """List what an image or snapshot holds, or holds other than `since`; also what it holds no more if `gone`."""
        ranges = self._read("diff", "--whole-object", *since, image)
        return [(it["offset"], it["offset"] + it["length"]) for it in ranges if gone or it["exists"] in ("true", True)]

    def _must_fit(self, needed: int) -> None:
        """Refuse what would fill the cluster: it does not fail when it is full, it blocks."""
        needed += RESERVE
        free = self._ceph.free(self._pool.partition("/")[0])
        if free < needed:
            raise Refused(f"not enough free space: needs {needed / 1e9:.2f} GB, {free / 1e9:.2f} GB free")

    def _rbd(self, *command: str) -> None:
        self._ceph.run("rbd", *command)

    def _read(self, *command: str) -> Any:
        return self._ceph.read("rbd", *command)

    def _spec(self, name: str) -> str:
        return f"{self._pool}/{name}"

    def _cut(self, place: Place) -> str:
        return f"{self._spec(place.image)}@{place.name}"


def _plain(handle: str) -> str:
    """Return a handle. One that is no plain name is a programming error: ValueError."""
    if not handle or handle.startswith(".") or not handle.isprintable() or set(handle) & set("/@ "):
        raise ValueError(f"{handle!r} is no handle")
    return handle


def _parsed(image: str, cut: str) -> Place | None:
    """Read the name of a snapshot in the cluster; None if it is not one of ours."""
    snapshot, _, size = cut.rpartition(".")
    return Place(image, snapshot, int(size)) if snapshot and size.isdecimal() else None


def _markers(images: Iterable[str]) -> list[str]:
    return [image for image in images if image.startswith(MARKER)]


def _missing(noun: str) -> Missing:
    return Missing(f"the {noun} is not in the storage")


def _length(extents: Extents) -> int:
    return sum(end - start for start, end in extents)


def _common(these: Extents, those: Extents) -> int:
    """Count the bytes that are in both."""
    common, rest = 0, deque(those)
    for start, end in these:
        while rest and rest[0][0] < end:
            common += max(0, min(end, rest[0][1]) - max(start, rest[0][0]))
            if rest[0][1] > end:
                break
            rest.popleft()
    return common
