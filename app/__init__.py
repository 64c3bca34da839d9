"""Chợ Số: everything a commune needs to go cashless, from the stall to the province."""
