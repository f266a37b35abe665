"""The labelling interface: XML for Label Studio, generated from a schema."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

from annotations.schema import LabelDefinition, Schema

TEXT, LABEL, FLAGS = "text", "label", "flags"
PART_OF = "part of"  # the relation of a span to the trigger of its event
_HOTKEYS = "1234567890"
_OF_REGION = {"toName": TEXT, "perRegion": "true"}
_TOLL_FIELD = {"placeholder": "12, 12.., ..12, 3..5, ~12", "rows": "1", "maxSubmissions": "1", "editable": "true"}


def same_event(schema: Schema) -> str:
    """Return the name of the relation between two triggers of one event, such as `same attack`."""
    return f"same {schema.event}"


def type_control(label: str) -> str:
    """Return the name of the control for the type of a label's regions, such as `attack_type`."""
    return f"{label.lower()}_type"


def toll_controls(schema: Schema) -> dict[str, str]:
    """Return the kinds of toll, by the name of the control for the number, such as `killed_toll`."""
    return {f"{kind}_toll": kind for kind in schema.toll_kinds}


def flag_choices(schema: Schema) -> dict[str, tuple[str, bool | str]]:
    """Return the choices for flags of an event, each with its flag and value.

    Example:
        >>> from annotations import load_schema
        >>> flag_choices(load_schema())["stage=attempted"]
        ('stage', 'attempted')
    """
    return {
        key if value is True else f"{key}={value}": (key, value)
        for key, values in schema.flags.items()
        for value in values
    }


def labelling_interface(schema: Schema) -> str:
    """Return the labelling configuration of a schema.

    A region has one label, chosen by mouse or hotkey. If a region is selected and its label has types, they are shown.
    Flags and counted tolls are set on the region of a trigger. A relation links an argument to its trigger, or a
    further trigger of an event to the first one.

    Returns:
        XML that Label Studio accepts as the labelling configuration of a project.

    Example:
        >>> from annotations import load_schema
        >>> '<Label value="ATTACK" background="#d1495b" hotkey="1"' in labelling_interface(load_schema())
        True
    """
    view = ElementTree.Element("View", style="display: grid; grid-template-columns: minmax(0, 1fr) 17rem; gap: 1rem")
    main = ElementTree.SubElement(view, "View")
    side = ElementTree.SubElement(view, "View", style="position: sticky; top: 0; align-self: start")
    labels = ElementTree.SubElement(main, "Labels", name=LABEL, toName=TEXT, showInline="true")
    for number, (name, definition) in enumerate(schema.labels.items()):
        _label(labels, name, definition, number)
    ElementTree.SubElement(main, "Text", name=TEXT, value="$text", granularity="symbol")
    for name, definition in schema.labels.items():
        if definition.types:
            _choices(side, type_control(name), f"{name}: type", name, list(definition.types), "single-radio")
    if schema.flags and schema.trigger:
        _choices(side, FLAGS, f"{schema.trigger}: flags", schema.trigger, list(flag_choices(schema)), "multiple")
    if schema.trigger:
        _tolls(side, schema.trigger, toll_controls(schema))
    relations = ElementTree.SubElement(view, "Relations")
    for relation in (PART_OF, same_event(schema)) if schema.trigger else ():
        ElementTree.SubElement(relations, "Relation", value=relation)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _label(labels: ElementTree.Element, name: str, definition: LabelDefinition, number: int) -> None:
    label = ElementTree.SubElement(labels, "Label", value=name, background=definition.color)
    if number < len(_HOTKEYS):
        label.set("hotkey", _HOTKEYS[number])
    label.set("hint", definition.definition)


def _shown_for(parent: ElementTree.Element, label: str) -> ElementTree.Element:
    """Add a part of the page that is shown only while a region of a label is selected."""
    return ElementTree.SubElement(parent, "View", visibleWhen="region-selected", whenLabelValue=label)


def _tolls(parent: ElementTree.Element, trigger: str, controls: Mapping[str, str]) -> None:
    """Add a field per kind of toll."""
    shown = _shown_for(parent, trigger) if controls else parent
    for name, kind in controls.items():
        ElementTree.SubElement(shown, "Header", value=f"{trigger}: {kind} in all", size="5")
        where = {"whenTagName": LABEL, "whenLabelValue": trigger}
        ElementTree.SubElement(shown, "TextArea", {"name": name, **_OF_REGION, **where, **_TOLL_FIELD})


def _choices(parent: ElementTree.Element, name: str, title: str, label: str, values: list[str], choice: str) -> None:
    """Add choices that are shown only while a region of a label is selected."""
    shown = _shown_for(parent, label)
    ElementTree.SubElement(shown, "Header", value=title, size="5")
    where = {"whenTagName": LABEL, "whenLabelValue": label}
    choices = ElementTree.SubElement(shown, "Choices", {"name": name, **_OF_REGION, "choice": choice, **where})
    for value in values:
        ElementTree.SubElement(choices, "Choice", value=value)
