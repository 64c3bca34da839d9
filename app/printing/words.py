"""What the acts of printing are called in the audit."""

ACTS = {
    "lot.order": "Đặt lô in",
    "lot.make": "Làm xong lô in",
    "lot.stop": "Dừng lô in",
    "printer.measure": "Đo máy in văn phòng",
    "printer.forget": "Bỏ máy in văn phòng",
    "lot.sheet": "Tờ in đã in (quét mã ở lề)",
    "lot.printed": "Lô đã in",
    "lot.handed": "Giao lô cho đội",
    "lot.void": "Huỷ lô in",
    "lot.reprint": "In lại",
    "lot.link": "Tạo đường dẫn cho nhà in",
    "lot.fetch": "Nhà in tải lô",
    "collection.open": "Mở đợt thu",
    "collection.add": "Thêm người nộp vào đợt thu",
    "collection.make": "Cho làm giấy báo nộp tiền",
    "collection.made": "Làm xong giấy báo nộp tiền",
    "collection.stop": "Dừng làm giấy báo",
    "collection.void": "Huỷ đợt thu",
    "collection.restore": "Khôi phục đợt thu",
    "collection.fetch": "Tải tệp của đợt thu",
}
