"""Payment QR codes: read, judged, made, drawn and photographed; a library that knows nothing of this program.

>>> from app.qr import explain, inspect, vietqr
>>> explain(vietqr("970436", "0011001237465"))
'Chuyển khoản đến Vietcombank, tài khoản …7465, không ghi sẵn số tiền'
>>> inspect("hello").valid
False
"""

from app.qr.banks import Bank, BankNotFoundError, bank_by_bin, banks, find_bank
from app.qr.check import Inspection, Profile, inspect
from app.qr.describe import Details, bank_name, details, explain, tail
from app.qr.emvco import Item, Payload, build, crc, parse
from app.qr.findings import Finding, PayloadError, Severity
from app.qr.kinds import Kind
from app.qr.payees import Payee, Payees, payees_of
from app.qr.symbol import QUIET_MODULES, Symbol, SymbolError, symbol
from app.qr.vietqr import VietqrError, vietqr

__all__ = [
    "QUIET_MODULES",
    "Bank",
    "BankNotFoundError",
    "Details",
    "Finding",
    "Inspection",
    "Item",
    "Kind",
    "Payee",
    "Payees",
    "Payload",
    "PayloadError",
    "Profile",
    "Severity",
    "Symbol",
    "SymbolError",
    "VietqrError",
    "bank_by_bin",
    "bank_name",
    "banks",
    "build",
    "crc",
    "details",
    "explain",
    "find_bank",
    "inspect",
    "parse",
    "payees_of",
    "symbol",
    "tail",
    "vietqr",
]
