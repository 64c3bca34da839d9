"""The bank list and its names; the last tests name where its sources disagree."""

import csv
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.qr import BankNotFoundError, bank_by_bin, banks, find_bank
from app.qr.banks import BANKS_FILE, BankKind, all_banks, known_bin


@pytest.mark.parametrize(
    ("typed", "acquirer"),
    [
        ("970436", "970436"),
        (" VCB ", "970436"),
        ("vietcombank", "970436"),
        ("Ngân hàng Ngoại thương", "970436"),
        ("Ngân hàng TMCP Ngoại Thương Việt Nam", "970436"),
        ("Vietcombank - CN Quảng Ngãi", "970436"),
        ("BFTVVNVX", "970436"),
        ("MB", "970422"),
        ("MB Bank", "970422"),
        ("mbbank", "970422"),
        ("Quân đội", "970422"),
        ("NH TMCP Quân Đội (MB)", "970422"),
        ("Agribank", "970405"),
        ("Ngân hàng Nông nghiệp và Phát triển Nông thôn", "970405"),
        ("Agribank - Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam", "970405"),
        ("VietinBank", "970415"),
        ("Công thương", "970415"),
        ("BIDV", "970418"),
        ("Ngân hàng TMCP Sài Gòn - Hà Nội", "970443"),
        ("SCB", "970429"),
        ("VIETTELPAY", "971005"),
        ("Viettel Money", "971005"),
        ("VNPT Money", "971011"),
        ("momo", "971025"),
        ("Ngân hàng Chính sách xã hội", "999888"),
        ("Bản Việt", "970454"),
        ("Ngân hàng Xuất nhập khẩu", "970431"),
    ],
)
def test_people_write_banks_in_many_ways(typed: str, acquirer: str) -> None:
    assert find_bank(typed).bin == acquirer


@pytest.mark.parametrize(
    ("old", "acquirer", "now"),
    [
        ("Đông Á", "970406", "Vikki"),
        ("DongA Bank", "970406", "Vikki"),
        ("OceanBank", "970414", "MBV"),
        ("LienVietPostBank", "970449", "LPBank"),
        ("CBBank", "970444", "VCBNeo"),
        ("VCBNeo", "970444", "VCBNeo"),
        ("Petrolimex", "970430", "PGBank"),
    ],
)
def test_merged_and_renamed_banks_answer_to_their_old_names(old: str, acquirer: str, now: str) -> None:
    assert (find_bank(old).bin, find_bank(old).short_name) == (acquirer, now)


@pytest.mark.parametrize(
    ("typed", "near"), [("viettinbank", "VietinBank"), ("970346", "970436"), ("Vietcombak", "Vietcombank")]
)
def test_unknown_names_are_refused_with_the_nearest(typed: str, near: str) -> None:
    with pytest.raises(BankNotFoundError, match=near):
        find_bank(typed)


@pytest.mark.parametrize(
    "typed", ["", "Ngân hàng", "Việt Nam", "bank", "xyz", "\x00", "🍜", "Vietcombank - BIDV", "９70436"]
)
def test_what_means_no_single_bank_is_refused(typed: str) -> None:
    with pytest.raises(BankNotFoundError):
        find_bank(typed)


@given(st.text(max_size=30))
def test_lookup_never_fails_otherwise(typed: str) -> None:
    try:
        found = find_bank(typed).bin
    except BankNotFoundError:
        return
    assert found in all_banks()


def names() -> Iterator[tuple[str, str]]:
    ambiguous = {"BVB", "Sài Gòn", "MAFC", "Mirae Asset", "Công ty Tài chính TNHH MTV Mirae Asset (Việt Nam)"}
    for bank in banks():
        for name in (bank.bin, bank.code, bank.short_name, bank.full_name, bank.swift, *bank.aliases):
            if name and name not in ambiguous:
                yield name, bank.bin


def test_every_name_in_the_list_leads_to_its_bank() -> None:
    assert [(name, find_bank(name).bin) for name, _ in names()] == list(names())


def test_the_list_is_whole() -> None:
    with BANKS_FILE.open(encoding="utf-8") as lines:
        head = [line for line in lines if line.startswith("#")]
    assert any("1589/NHNN-TT" in line for line in head)
    assert len(all_banks()) == 73
    assert all(len(bank.bin) == 6 and bank.bin.isdigit() and bank.short_name for bank in all_banks().values())
    assert {"971005", "971011", "971025"} <= {bank.bin for bank in banks()}
    assert len({bank.short_name for bank in banks()} - {"MAFC"}) == len(banks()) - 2


# Where the nine sources disagree, and what this list does about it.


def test_bidv_is_970418_although_one_library_says_970488() -> None:
    assert find_bank("BIDV").bin == "970418"
    assert not known_bin("970488")
    with pytest.raises(BankNotFoundError, match="970418"):
        bank_by_bin("970488")


def test_cimb_has_two_ids_and_its_name_leads_to_the_one_that_takes_transfers() -> None:
    assert find_bank("CIMB").bin == "422589"
    assert bank_by_bin("970459").kind is BankKind.DUPLICATE
    assert not bank_by_bin("422589").in_central_bank_list
    assert bank_by_bin("970459").in_central_bank_list


def test_mirae_asset_has_two_ids_and_a_person_must_say_which() -> None:
    with pytest.raises(BankNotFoundError, match=r"970468.*977777"):
        find_bank("Mirae Asset")


def test_bvb_is_bao_viet_in_the_api_and_ban_viet_in_conversation() -> None:
    assert bank_by_bin("970438").code == "BVB"
    with pytest.raises(BankNotFoundError, match=r"BaoVietBank \(970438\) hoặc BVBank \(970454\)"):
        find_bank("BVB")


def test_sources_disagree_whether_vikki_takes_transfers() -> None:
    assert bank_by_bin("970406").takes_transfers is None


def test_sacombank_has_two_codes() -> None:
    assert find_bank("STB").bin == find_bank("STP").bin == "970403"


def test_ids_in_use_that_the_central_bank_list_of_2023_does_not_have() -> None:
    assert {bank.bin for bank in banks() if not bank.in_central_bank_list} == {
        "422589", "458761", "533948", "546034", "546035", "668888", "796500", "801011", "963369", "963388",
        "971005", "971011", "971025", "971133", "977777", "999888",
    }  # fmt: skip


def test_ids_of_the_central_bank_that_the_api_does_not_have() -> None:
    unknown = {bank.bin for bank in all_banks().values() if bank.takes_transfers is None and bank.in_central_bank_list}
    assert unknown == {"970406", "970459", "970460", "970464", "970465", "970468", "970470"}


def test_file_has_one_row_an_id_and_no_stray_tabs() -> None:
    with BANKS_FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(
            csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
        )
    assert {len(row) for row in rows} == {11}
    assert len({row[0] for row in rows}) == len(rows)
