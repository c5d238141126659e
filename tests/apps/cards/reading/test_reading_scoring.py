"""The scorer itself."""

from forthwith.apps.cards.reading import CardReading, Contact, Number, Text, scoring


def test_punctuation_case_and_width_do_not_matter() -> None:
    assert scoring.agrees("ＡＣＭＥ　Tools, Inc.", "acme tools inc")


def test_truth_inside_the_answer_agrees() -> None:
    assert scoring.agrees("Senior Manager - Sales", "Senior Manager")


def test_answer_inside_the_truth_does_not_agree() -> None:
    assert not scoring.agrees("Manager", "Senior Regional Sales Manager")


def test_invented_field_costs_precision_only() -> None:
    tally = scoring.score([CardReading(title=Text("Director", 0.9))], {}).fields["title"]

    assert (tally.recall, tally.precision) == (1.0, 0.0)


def test_any_accepted_alternative_is_right() -> None:
    reading = CardReading(company=Text("Acme", 0.9))

    tally = scoring.score([reading], {"company": ["Acme Tools Ltd", "Acme"]}).fields["company"]

    assert (tally.found, tally.exact) == (1, 1)


def test_number_of_another_kind_counts_untyped_only() -> None:
    reading = CardReading(phones=(Number("phone", "02-2345-6789", "+886223456789", 0.9),))
    label = {"fax": [{"printed": "(02)2345-6789", "e164": "+886223456789"}]}

    fields = scoring.score([reading], label).fields

    assert (fields["numbers"].found, fields["typed numbers"].found) == (1, 0)


def test_number_without_international_form_agrees_by_its_digits() -> None:
    reading = CardReading(phones=(Number("phone", "76 544", None, 0.9),))

    fields = scoring.score([reading], {"phone": [{"printed": "76544", "e164": None}]}).fields

    assert fields["numbers"].found == 1


def test_whole_card_needs_name_company_mails_and_numbers() -> None:
    label = {"name": ["Ann Lee"], "company": ["Acme"], "email": ["ann@acme.com"]}
    right = CardReading(
        name=Text("Ann Lee", 0.9), company=Text("Acme", 0.9), emails=(Contact("ann@acme.com", 0.9),)
    )

    assert scoring.score([right], label).whole
    assert not scoring.score([CardReading(name=Text("Ann Lee", 0.9))], label).whole


def test_of_several_readings_the_best_is_scored() -> None:
    readings = [CardReading(), CardReading(name=Text("Ann Lee", 0.9))]

    assert scoring.score(readings, {"name": ["Ann Lee"]}).fields["name"].found == 1


def test_picture_without_reading_scores_nothing() -> None:
    assert scoring.score([], {"name": ["Ann Lee"]}).fields["name"].recall == 0.0


def test_totals_add_up_over_cards() -> None:
    label = {"name": ["Ann Lee"]}
    scores = [
        scoring.score([CardReading(name=Text("Ann Lee", 0.9))], label),
        scoring.score([], label),
    ]

    tallies, whole = scoring.total(scores)

    assert tallies["name"].recall == 0.5
    assert whole == 1
