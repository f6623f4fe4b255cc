"""Whole networks: volumes that shrink and deepen, and where their weights and their work are."""

import itertools
from collections import Counter
from typing import NamedTuple

from matplotlib.patches import FancyArrowPatch, Rectangle

from cnnlib.arithmetic import layer_table
from cnnlib.plots.networks import SLANT, draw_box
from cnnlib.plots.picture import BLACK, BLUE, GREEN, ORANGE, VERMILION, Picture

BRANCHES = (BLUE, ORANGE, GREEN, VERMILION)
TALLEST = 2.0  # inches of the largest map, its slant included
THICKNESS = 0.016  # inches for the square root of one channel
CHARACTER = 0.078  # inches of one character of the words below, on average
BETWEEN = 0.12  # inches from a line to the next
GRAY = "0.35"
SHOWN = 4  # convolutions of a stage that are drawn one by one

_WORDS = {
    "Add": "addition",
    "AveragePooling2D": "average pool",
    "Concatenate": "concatenation",
    "Conv2D": "conv",
    "Dense": "dense",
    "DepthwiseConv2D": "depthwise",
    "GlobalAveragePooling2D": "global average",
    "GlobalMaxPooling2D": "global maximum",
    "MaxPooling2D": "max pool",
    "SeparableConv2D": "separable",
}
_JOINS = ("Add", "Concatenate")
_FIELDS = {"weights": "parameters", "work": "multiplications", "activations": "activation_size"}


class _Stage(NamedTuple):
    """Neighboring layers whose maps have one size."""

    rows: list
    shapes: list  # of the volumes to draw: (height, width, channels)
    branches: list  # channels of what the first of them puts side by side

    @property
    def size(self):
        """The volume behind the stage, as text; the channels of up to three that differ."""
        *size, last = self.shapes[-1]
        if size == [1, 1]:
            return f"{last:,}"
        channels = [channels for *other, channels in self.shapes if other == size]
        if len(set(channels)) == 1 or len(channels) > 3:
            channels = [last]
        return " × ".join([*map(str, size), ", ".join(f"{count:,}" for count in channels)])


def architecture(model):
    """A network as a row of volumes: height and width shrink, channels grow.

    Neighboring layers with maps of one size (up to a fifth smaller, where there is no padding)
    make one stage. Of a stage with up to four convolutions each output is drawn, of a longer one
    the last, or what follows from its last join on; up to three that differ in channels are listed.
    Below stands what is in it; layers that only rescale, activate, drop or reshape are left out.
    Dense layers of one size lie one above the other. Height and width (the slant) are to one scale,
    the thickness grows with the square root of the channels. An arc is a shortcut that is added,
    colored bands are branches side by side, joined along the channels. Of several outputs the
    deepest is followed.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, from images (height, width, channels) of a fixed size.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        As `arithmetic.layer_table`; and for maps that are no images.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> architecture(lenet5()).alt[:63]
    'lenet5 as a row of boxes: 32 × 32 × 1, then 28 × 28 × 6 (conv 5'
    """
    trunk = _deepest(model)
    stages = _stages(trunk)
    words = [[stage.size, *_summary(trunk, stage.rows)] for stage in stages]
    story = ", then ".join(f"{size} ({', '.join(rest)})" for size, *rest in words)
    alt = f"{model.name} as a row of boxes: {story.replace(' (input)', '', 1)}"
    if len(model.outputs) > 1:
        alt += f"; {len(model.outputs) - 1} further outputs are not drawn"

    largest = max(height + SLANT * width for height, width, _ in stages[0].shapes)
    scale = TALLEST / max(largest, *(h + SLANT * w for s in stages for h, w, _ in s.shapes))
    boxes = [_thickness(stage) + SLANT * scale * stage.shapes[-1][1] for stage in stages]
    texts = [CHARACTER * max(map(len, lines)) for lines in words]
    columns = [max(pair) + 0.15 for pair in zip(boxes, texts, strict=True)]
    lines = max(map(len, words))
    below = 0.16 * lines + 0.4

    picture = Picture(alt, width=sum(columns) + 0.1, height=TALLEST + 0.35 + below)
    picture.set_layout_engine("none")
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, sum(columns) + 0.1), ylim=(-below, TALLEST + 0.35))
    axes.axis("off")
    left = 0.05
    for stage, column, box, text in zip(stages, columns, boxes, words, strict=True):
        _draw(axes, stage, left + (column - box) / 2, scale)
        middle = left + column / 2
        axes.text(middle, -0.06, text[0], ha="center", va="top", fontsize=9.5)
        axes.text(middle, -0.25, "\n".join(text[1:]), ha="center", va="top", fontsize=9, color=GRAY)
        left += column
    axes.text(0.1, 0.06 - below, _legend(stages), fontsize=9, color=GRAY)
    return picture


def _deepest(model):
    """The model up to the output that lies behind the most layers."""
    if len(getattr(model, "outputs", [])) < 2:
        return model
    import keras

    parts = [keras.Model(model.inputs, output, name=model.name) for output in model.outputs]
    return max(parts, key=lambda part: len(layer_table(part)))


def _stages(model):
    source, *rows = layer_table(model)
    groups = [[source]]
    for row in rows:
        if row.kind not in _WORDS and row.multiplications == 0:
            continue
        if len(row.output_shape) not in (1, 3):
            raise ValueError(
                f"architecture: layer '{row.name}' gives {row.output_shape}, "
                "it needs maps (height, width, channels) or vectors"
            )
        first = groups[-1][0]
        if len(groups) > 1 and _alike(first.output_shape, row.output_shape):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [_stage(model, rows) for rows in groups]


def _alike(first, shape):
    if len(first) != len(shape):
        return False
    if len(shape) == 1:
        return first == shape
    pairs = zip(first[:2], shape[:2], strict=True)
    return all(0.8 * before <= after <= before for before, after in pairs)


def _stage(model, rows):
    joins = [row for row in rows if row.kind in _JOINS]
    convolutions = [row for row in rows if "Conv" in row.kind]
    drawn, branches = rows[-1:], []
    if joins:
        last = rows.index(joins[-1])
        drawn = [rows[last], *(row for row in rows[last:] if "Conv" in row.kind)]
        if drawn[0].kind == "Concatenate":
            branches = [tensor.shape[-1] for tensor in _layer(model, drawn[0].name).input]
    elif 0 < len(convolutions) <= SHOWN:
        drawn = convolutions
    elif all(row.kind == "Dense" for row in rows[:SHOWN]):
        drawn = rows[:SHOWN]
    shapes = [
        row.output_shape if len(row.output_shape) == 3 else (1, 1, *row.output_shape)
        for row in drawn
    ]
    return _Stage(rows, shapes, branches)


def _layer(model, name):
    """A layer by its name in the table, which is "inner/layer" in a model within the model."""
    for part in name.split("/"):
        model = model.get_layer(part)
    return model


def _summary(model, rows):
    """What is in a stage, in the order of appearance: "3 conv 3×3"."""
    counts = Counter(_describe(model, row) for row in rows)
    return [
        words if count == 1 else f"{count} {words}{'s' if words.endswith('ion') else ''}"
        for words, count in counts.items()
    ]


def _describe(model, row):
    if row.kind == "InputLayer":
        return "input"
    words = _WORDS.get(row.kind, row.kind)
    if "Conv" in row.kind:
        return f"{words} {'×'.join(map(str, _layer(model, row.name).kernel_size))}"
    if row.kind in ("MaxPooling2D", "AveragePooling2D"):
        return f"{words} {'×'.join(map(str, _layer(model, row.name).pool_size))}"
    return words


def _thickness(stage):
    each = [THICKNESS * channels**0.5 for *_, channels in stage.shapes]
    return max(each) if stage.shapes[0][0] * stage.shapes[0][1] == 1 else sum(each)


def _draw(axes, stage, left, scale):
    """The volumes of a stage side by side, standing in the middle of the row."""
    for place, (height, width, channels) in enumerate(stage.shapes):
        thickness = THICKNESS * channels**0.5
        if height * width == 1:  # to scale it could not be seen
            level = TALLEST / 2 + BETWEEN * ((len(stage.shapes) - 1) / 2 - place)
            axes.plot([left, left + thickness], [level] * 2, color=BLUE, linewidth=3)
            continue
        height, slant = height * scale, SLANT * width * scale
        bottom = (TALLEST - height - slant) / 2
        draw_box(axes, left, bottom, height, thickness, slant, edge=0.3)
        if place == 0:
            _bands(axes, stage.branches, left, bottom, height, thickness)
            if any(row.kind == "Add" for row in stage.rows):
                top = bottom + height + slant + 0.04
                _arc(axes, (left - 0.1, top), (left + thickness + slant + 0.1, top))
        left += thickness


def _bands(axes, branches, left, bottom, height, thickness):
    for k, channels in enumerate(branches):
        band, color = thickness * channels / sum(branches), BRANCHES[k % len(BRANCHES)]
        axes.add_patch(Rectangle((left, bottom), band, height, facecolor=color, linewidth=0))
        left += band


def _arc(axes, begin, end):
    curve = {"connectionstyle": "arc3,rad=-0.4", "arrowstyle": "-|>", "mutation_scale": 9}
    axes.add_patch(FancyArrowPatch(begin, end, color=BLACK, linewidth=1.2, **curve))


def _legend(stages):
    words = "height, width: one scale (vectors: a line); thickness: square root of the channels"
    if any(row.kind == "Add" for stage in stages for row in stage.rows):
        words += "; arc: shortcuts, added"
    if any(stage.branches for stage in stages):
        words += "; colors: branches side by side"
    return words


def weights_and_work(tables):
    """For each network its weights, multiplications and activations, by kind of layer.

    Parameters
    ----------
    tables : dict
        Name of the network to its rows, as `arithmetic.layer_table` makes them.
    """
    shares = {
        (name, what): _percent_by_kind(rows, field)
        for name, rows in tables.items()
        for what, field in _FIELDS.items()
    }
    words = [
        f"{convolutions:.0f} and {dense:.0f} % of {name}'s {what}"
        for (name, what), (convolutions, dense, _) in shares.items()
    ]
    picture = Picture(
        "shares of the convolutions and of the dense layers: " + ", ".join(words),
        width=8,
        height=0.8 + 0.36 * len(shares),
    )
    axes = picture.subplots()
    names = [f"{name}: {what}" for name, what in shares]
    left = [0] * len(names)
    kinds = zip(*shares.values(), strict=True)
    labels = {"convolutions": BLUE, "dense layers": ORANGE, "input, pooling and others": "0.8"}
    for widths, (label, color) in zip(kinds, labels.items(), strict=True):
        axes.barh(names, widths, left=left, color=color, height=0.7, label=label)
        left = [sum(pair) for pair in zip(left, widths, strict=True)]
    axes.set(xlabel="percent of the network", xlim=(0, 100))
    axes.invert_yaxis()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, frameon=False)
    return picture


def _percent_by_kind(rows, field):
    """Percent of a field in convolutions, in dense layers and in all the others."""
    whole = sum(getattr(row, field) for row in rows)
    convolutions = 100 * sum(getattr(row, field) for row in rows if "Conv" in row.kind) / whole
    dense = 100 * sum(getattr(row, field) for row in rows if row.kind == "Dense") / whole
    return convolutions, dense, 100 - convolutions - dense


def sides_and_channels(tables):
    """The way of each network through the maps' side and number, one dot for each layer.

    A layer that lowers the number of maps is named.

    Parameters
    ----------
    tables : dict
        Name of the network to its rows, as `arithmetic.layer_table` makes them.
    """
    paths = {
        name: [row.output_shape[1:] for row in rows if len(row.output_shape) == 3]
        for name, rows in tables.items()
    }
    picture = Picture(
        "lines from wide and thin to small and deep maps; "
        + "; ".join(
            f"{name} from {path[0][0]} pixels and {path[0][1]} channels to "
            f"{path[-1][0]} pixels and {path[-1][1]} channels"
            for name, path in paths.items()
        ),
        width=7,
        height=3.8,
    )
    axes = picture.subplots()
    for (name, path), color in zip(paths.items(), BRANCHES, strict=False):
        axes.plot(*zip(*path, strict=True), "o-", color=color, markersize=4, label=name)
        maps = [row for row in tables[name] if len(row.output_shape) == 3]
        for before, row in itertools.pairwise(maps):
            if row.output_shape[2] < before.output_shape[2]:
                place = {"xytext": (6, -5), "textcoords": "offset points", "va": "top"}
                axes.annotate(row.name, row.output_shape[1:], **place, color=BLACK, fontsize=10)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.invert_xaxis()
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set(xlabel="side of the maps, pixels", ylabel="channels")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    return picture


def normalized_channels(before, after):
    """The numbers of all channels at one place, before and after local response normalization.

    Parameters
    ----------
    before, after : (channels,) array
        One place of an activation; the channel that is largest before is marked in both.
    """
    loudest = int(before.argmax())
    ahead = int((after > after[loudest]).sum())
    picture = Picture(
        f"{len(before)} channels at one place: the largest, channel {loudest} with "
        f"{before[loudest]:.0f}, is {after[loudest]:.0f} after normalization, "
        f"and {ahead} channels are larger then",
        width=10,
        height=3.6,
    )
    colors = [VERMILION if channel == loudest else BLUE for channel in range(len(before))]
    panels = picture.subplots(2, 1, sharex=True)
    for axes, values, name in zip(panels, (before, after), ("before", "after"), strict=True):
        axes.bar(range(len(values)), values, color=colors)
        axes.set(ylabel=f"activation {name}", xlim=(-1, len(values)))
        axes.spines[["top", "right"]].set_visible(False)
    panels[1].set_xlabel(f"channel (marked: channel {loudest}, the loudest before)")
    return picture
