"""Notices of payment (giấy báo): a public payee's list of who owes what, each payer with a code of their own."""
