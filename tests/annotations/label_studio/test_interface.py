"""The labelling page: every label, type and flag of the schema."""

from __future__ import annotations

from xml.etree import ElementTree

from annotations.label_studio.interface import flag_choices, labelling_interface, toll_controls, type_control
from tests.annotations.label_studio.labelled import SCHEMA


def test_the_interface_has_every_label_type_and_flag_of_the_schema() -> None:
    root = ElementTree.fromstring(labelling_interface(SCHEMA))
    labels = {node.get("value"): node for node in root.iter("Label")}
    assert list(labels) == list(SCHEMA.labels)
    assert [node.get("background") for node in labels.values()] == [d.color for d in SCHEMA.labels.values()]
    assert len({node.get("hotkey") for node in labels.values()}) == len(labels)
    choices = {node.get("name"): [c.get("value") for c in node.iter("Choice")] for node in root.iter("Choices")}
    assert choices[type_control("ATTACK")] == list(SCHEMA.attack_types)
    assert choices[type_control("TOLL")] == ["killed", "injured", "abducted", "displaced"]
    assert (
        choices["flags"] == list(flag_choices(SCHEMA)) == ["suicide", "claimed", "stage=attempted", "stage=threatened"]
    )
    assert [node.get("value") for node in root.iter("Relation")] == ["part of", "same attack"]
    fields = {str(node.get("name")): node for node in root.iter("TextArea")}
    assert toll_controls(SCHEMA) == dict(zip(fields, SCHEMA.labels["TOLL"].types, strict=True))
    assert {node.get("perRegion") for node in fields.values()} == {"true"}
    assert {node.get("whenLabelValue") for node in fields.values()} == {"ATTACK"}
