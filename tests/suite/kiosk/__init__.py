"""A second target, as unlike the reference shop as can be, so that the driver's contract stays honest.

It sells vouchers of any value for PayPal, with numbers for ids, a login by form and cookie, remote procedure calls
instead of resources, no administration, no refunds and no statement; and the suite attaches to it, not launches it.
"""
