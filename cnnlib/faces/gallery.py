"""The people a door knows: enroll them by a picture, verify, identify, or turn away."""

import math
import threading
from numbers import Real
from typing import NamedTuple

import numpy as np

from cnnlib.faces import storage
from cnnlib.faces.search import encoding_array, nearest


class Match(NamedTuple):
    """Whom a picture was recognized as, or None, and how far the nearest enrolled picture is.

    It counts as true where somebody was recognized.
    """

    name: str | None
    distance: float

    def __bool__(self):
        return self.name is not None


class _Table(NamedTuple):
    """What is enrolled at one moment; never changed, only replaced."""

    rows: dict  # name to the slice of its encodings
    owners: np.ndarray  # (n,) names, one a row
    encodings: np.ndarray  # (n, d) float32


class Gallery:
    """Names with the encodings of their faces, searched for the nearest one.

    Readers and one or more writers may work from many threads: a writer makes a new table and puts
    it in the place of the old one, and a reader keeps the table that it began with.

    Parameters
    ----------
    encoder : callable
        From pictures (m, height, width, channels) to encodings (m, d), such as `face_encoder()`.
    threshold : float
        A picture is of a person where its distance from a picture of theirs is not above this.

    Raises
    ------
    TypeError
        Where the encoder cannot be called or the threshold is no number.
    ValueError
        Where the threshold is negative or not finite.

    References
    ----------
    Taigman, Yang, Ranzato and Wolf, "DeepFace", CVPR 2014, https://doi.org/10.1109/CVPR.2014.220.

    Examples
    --------
    >>> gallery = Gallery(lambda images: images.mean(axis=(1, 2)), threshold=0.2)
    >>> gallery.enroll("Ada", np.full((4, 4, 3), 0.5))
    >>> gallery.identify(np.full((4, 4, 3), 0.6)).name
    'Ada'
    >>> gallery.identify(np.zeros((4, 4, 3))).name is None
    True
    """

    def __init__(self, encoder, threshold):
        if not callable(encoder):
            raise TypeError(
                f"Gallery: encoder is a {type(encoder).__name__}, it needs to be callable, from "
                "pictures to encodings"
            )
        if isinstance(threshold, bool) or not isinstance(threshold, Real):
            raise TypeError(f"Gallery: threshold is {threshold!r}, it needs a number")
        if not (math.isfinite(threshold) and threshold >= 0):
            raise ValueError(f"Gallery: threshold is {threshold}, it needs a distance of 0 or more")
        self.encoder, self.threshold = encoder, float(threshold)
        self._writing = threading.Lock()
        self._table = _Table({}, np.empty(0, object), np.empty((0, 0), np.float32))

    def __len__(self):
        return len(self._table.rows)

    def __contains__(self, name):
        return isinstance(name, str) and name in self._table.rows

    @property
    def names(self):
        """The enrolled names, in the order of their enrollment."""
        return tuple(self._table.rows)

    def enroll(self, name, image):
        """Keep a person's picture, or several of one person, all under one name.

        Parameters
        ----------
        name : str
            Not enrolled yet: to take other pictures, `remove` the name first.
        image : (height, width, channels) or (height, width) array
            Or (m, height, width, channels), m pictures of this person; the nearest one counts.

        Raises
        ------
        ValueError
            Where the name is enrolled already or empty, the picture has another shape, or its
            encoding is not finite or of another length than those enrolled.
        TypeError
            Where the name is no string.
        """
        self._require_new("enroll", [name])
        encodings = self._encode("enroll", _pictures("enroll", image))
        self._add("enroll", {name: len(encodings)}, encodings)

    def enroll_encodings(self, names, encodings):
        """Keep many people at once, one encoding each, as `encoder` gave them earlier.

        Parameters
        ----------
        names : sequence of n str
            All different, none enrolled yet.
        encodings : (n, d) array

        Raises
        ------
        ValueError, TypeError
            As `enroll`; nobody is enrolled then.
        """
        names = list(names)
        self._require_new("enroll_encodings", names)
        encodings = encoding_array("enroll_encodings", "encodings", encodings)
        if len(names) != len(encodings):
            raise ValueError(
                f"enroll_encodings: there are {len(names)} names and {len(encodings)} encodings, "
                "it needs as many of both"
            )
        self._add("enroll_encodings", dict.fromkeys(names, 1), encodings)

    def remove(self, name):
        """Forget a name and its encodings; ValueError where it is not enrolled."""
        with self._writing:
            counts, encodings = _counts(self._table), self._table.encodings
            rows = _rows_of("remove", name, self._table)
            del counts[name]
            self._table = _table(counts, np.delete(encodings, rows, axis=0))

    def verify(self, name, image):
        """Whether a picture is of this person, 1:1.

        Parameters
        ----------
        name : str
        image : (height, width, channels) or (height, width) array

        Returns
        -------
        Match
            The name where the distance is at most the threshold, else None; and the distance.

        Raises
        ------
        ValueError
            Where the name is not enrolled, or the picture or its encoding is refused.
        """
        table = self._table
        rows = _rows_of("verify", name, table)
        query = self._encode("verify", _one_picture("verify", image), table)
        _, ((distance,),) = nearest(query, table.encodings[rows])
        return self._match(name, distance)

    def identify(self, image):
        """Whose picture it is, 1:K; nobody's where everyone is farther than the threshold.

        Parameters
        ----------
        image : (height, width, channels) or (height, width) array

        Returns
        -------
        Match
            The nearest name, or None for "not recognized"; and the distance of the nearest.

        Raises
        ------
        ValueError
            Where the gallery is empty, or the picture or its encoding is refused.
        """
        table = _filled("identify", self._table)
        query = self._encode("identify", _one_picture("identify", image), table)
        ((row,),), ((distance,),) = nearest(query, table.encodings)
        return self._match(table.owners[row], distance)

    def search(self, encodings, *, k=1):
        """The k enrolled pictures nearest to each encoding, whatever the threshold.

        Parameters
        ----------
        encodings : (m, d) array
        k : int
            At most the number of pictures enrolled.

        Returns
        -------
        names : (m, k) array of str
            The nearest first; a name with several pictures may stand there more than once.
        distances : (m, k) float64 array

        Raises
        ------
        ValueError, TypeError
            As `cnnlib.faces.search.nearest`, and where the gallery is empty.
        """
        table = _filled("search", self._table)
        rows, distances = nearest(encodings, table.encodings, k=k)
        return table.owners[rows], distances

    def save(self, path):
        """Write the gallery to a file; one that fails on the way leaves the file before it whole.

        Raises
        ------
        OSError
            Where the file cannot be written.
        """
        table = self._table
        storage.write(path, self.threshold, _counts(table), table.encodings)

    @classmethod
    def load(cls, path, encoder):
        """The gallery in a file. The encoder is no part of it, so give the one it was made with.

        Raises
        ------
        FileNotFoundError
            Where there is no such file.
        ValueError
            Where the file is damaged, or `save` did not write it.
        """
        threshold, counts, encodings = storage.read(path)
        gallery = cls(encoder, threshold)
        if counts:
            gallery._add("load", counts, encodings)
        return gallery

    def _add(self, function, counts, encodings):
        with self._writing:
            self._require_new(function, counts)  # another thread may have been faster
            table = self._table
            length = table.encodings.shape[1] if table.rows else None
            encodings = encoding_array(function, "encodings", encodings, length=length)
            before = table.encodings.reshape(-1, encodings.shape[1])
            encodings = np.concatenate([before, encodings])  # a copy: the caller's may change
            self._table = _table(_counts(table) | counts, encodings)

    def _require_new(self, function, names):
        rows, seen = self._table.rows, set()
        for name in names:
            storage.require_name(function, name)
            if name in rows or name in seen:
                raise ValueError(f"{function}: {name!r} is enrolled already, remove it first")
            seen.add(name)

    def _encode(self, function, pictures, table=None):
        length = table.encodings.shape[1] if table else None
        encodings = encoding_array(
            function, "the encoder's answer", self.encoder(pictures), length=length
        )
        if len(encodings) != len(pictures):
            raise ValueError(
                f"{function}: the encoder gave {len(encodings)} encodings of {len(pictures)} "
                "pictures, it needs to give one of each"
            )
        return encodings

    def _match(self, name, distance):
        return Match(name if distance <= self.threshold else None, float(distance))


def _table(counts, encodings):
    """The table of names with so many encodings each, one after the other."""
    ends = np.cumsum(list(counts.values()), dtype=int).tolist()
    rows = {
        name: slice(end - count, end)
        for (name, count), end in zip(counts.items(), ends, strict=True)
    }
    owners = np.repeat(np.array(list(counts), object), list(counts.values()))
    return _Table(rows, owners, encodings)


def _counts(table):
    return {name: rows.stop - rows.start for name, rows in table.rows.items()}


def _filled(function, table):
    if not table.rows:
        raise ValueError(f"{function}: the gallery is empty, it needs a name enrolled")
    return table


def _rows_of(function, name, table):
    storage.require_name(function, name)
    if name not in table.rows:
        raise ValueError(f"{function}: {name!r} is not enrolled")
    return table.rows[name]


def _one_picture(function, image):
    pictures = _pictures(function, image)
    if np.ndim(image) == 4:
        raise ValueError(f"{function}: image has shape {np.shape(image)}, it needs one picture")
    return pictures


def _pictures(function, image):
    """Pictures (m, height, width, channels) from one of them, or from several."""
    try:
        image = np.asarray(image)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{function}: image is no array: {error}") from error
    if image.dtype.kind not in "iuf":
        raise TypeError(f"{function}: image has type {image.dtype}, it needs numbers")
    if image.ndim not in (2, 3, 4) or 0 in image.shape:
        raise ValueError(
            f"{function}: image has shape {image.shape}, it needs (height, width, channels) or "
            "(height, width), of a pixel or more"
        )
    if image.ndim == 2:
        image = image[..., np.newaxis]
    return image if image.ndim == 4 else image[np.newaxis]
