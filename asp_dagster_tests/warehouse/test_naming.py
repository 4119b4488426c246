"""Names of fields become names that both databases take."""

import pytest

from asp_dagster.warehouse.inferring.naming import (
    covers,
    free_name,
    is_identifier,
    nested_name,
    snake_case,
)


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("AmazonOrderId", "amazon_order_id"),
        ("ASIN", "asin"),
        ("purchase-date", "purchase_date"),
        ("quantityOrdered", "quantity_ordered"),
        ("ISBN13", "isbn13"),
        ("URLs", "urls"),
        ("OrderIDs", "order_ids"),
        ("URLsList", "urls_list"),
        ("sellerSKU", "seller_sku"),
        ("SKUCode", "sku_code"),
        ("IsISPU", "is_ispu"),
        ("addressLine1", "address_line1"),
        ("line1Text", "line1_text"),
        ("B2BPrice", "b2b_price"),
        ("a.b", "a_b"),
        ("x[0]", "x_0"),
        ("Größe", "groe"),
        ('it\'s "quoted"', "it_s_quoted"),
        ("_partition", "partition"),
        ("2024", "2024"),
        ("日本", "field_cf2abf0c"),
        ("注文ID", "id_a40dd9e6"),
        ("商品ID", "id_fc80660a"),
        ("№ 5", "no_5"),
        ("", "field"),
    ],
)
def test_snake_case(name: str, snake: str) -> None:
    """A name becomes words in small letters, whichever way it is written."""
    assert snake_case(name) == snake


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("a", "a"),
        ("taken", "taken_3"),
        ("2024", "column_2024"),
        ("x" * 63, "x" * 63),
        (
            "x" * 64,
            "x" * 54 + "_7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c"[:9],
        ),
    ],
    ids=["free", "taken", "digit", "longest", "too-long"],
)
def test_free_name(name: str, free: str) -> None:
    """A name is no longer than allowed, begins with a letter, and is not taken."""
    assert free_name(name, {"taken", "taken_2"}) == free


def test_nested_name() -> None:
    """Two underscores lead into an object; an element's text adds none."""
    assert nested_name(["BuyerInfo", "buyer__email", "#text"]) == "buyer_info__buyer_email"


@pytest.mark.parametrize(("nested", "is_covered"), [("a", True), ("a__b", True), ("a_b", False)])
def test_covers(nested: str, is_covered: bool) -> None:  # noqa: FBT001 - what is expected
    """A name covers what is nested below it, and not what only begins like it."""
    assert covers("a", nested) == is_covered


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("order_id", True),
        ("fn_sku_sku", True),
        ("asin1", True),
        ("hsn_sac", True),
        ("number_of_items", False),
        ("no_of_items", False),
        ("idea", False),
    ],
)
def test_identifiers(name: str, is_one: bool) -> None:  # noqa: FBT001 - what is expected
    """A column whose name has the word of an identifier is one."""
    assert is_identifier(name) == is_one
