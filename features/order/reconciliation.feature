@orders @reconciliation
Feature: The books and the providers' bills
  What a provider says it moved on a day is what the shop has in its books.
  What only one of the two has is found, with its cause, before anybody closes the month.

  Background:
    Given the bills of today can be had already

  @critical @CWE-682
  Scenario Outline: A day with <provider> on which all went well agrees with the bill
    Given the shopper has paid an order of <total> with <provider>
    And the clerk has refunded <part>
    When the auditor holds the day against the bill of <provider>
    Then the bill and the books agree on the shopper's payments

    @alipay
    Examples:
      | provider | total     | part      |
      | Alipay   | CNY 88.80 | CNY 30.00 |

    @wechatpay
    Examples:
      | provider   | total     | part      |
      | WeChat Pay | CNY 88.80 | CNY 30.00 |

    @paypal
    Examples:
      | provider | total       | part       |
      | PayPal   | USD 88.80   | USD 30.00  |
      | PayPal   | HUF 1990.00 | HUF 990.00 |

  Rule: What the shop was not told of stands on the bill alone, and can be booked from it

    @critical @notifications
    Scenario Outline: A payment with <provider> that the shop was not told of is found and booked
      Given the shopper has paid an order of <total> with <provider>, unnoticed
      And the auditor has found <total> that only the bill has
      When the approver brings it into the books
      Then the order is paid
      And the bill and the books agree on the shopper's payments

      @alipay
      Examples:
        | provider | total     |
        | Alipay   | CNY 61.00 |

      @wechatpay
      Examples:
        | provider   | total     |
        | WeChat Pay | CNY 61.00 |

    @critical @refunds
    Scenario Outline: A refund in the console of <provider> that the shop was not told of is found and booked
      Given the shopper has paid an order of <total> with <provider>
      And the merchant has refunded <part> in the console of <provider>, unnoticed
      And the auditor has found <part> that only the bill has
      When the approver brings it into the books
      Then the order is partially refunded
      And the bill and the books agree on the shopper's payments

      @alipay
      Examples:
        | provider | total     | part      |
        | Alipay   | CNY 88.80 | CNY 40.00 |

      @wechatpay
      Examples:
        | provider   | total     | part      |
        | WeChat Pay | CNY 88.80 | CNY 40.00 |

      @paypal
      Examples:
        | provider | total     | part      |
        | PayPal   | EUR 88.80 | EUR 40.00 |

  Rule: Only who keeps the books sees the bills, and only once there are any

    Background:
      Given the shopper has paid an order of CNY 88.80 with Alipay

    @high @roles @alipay @CWE-862 @WSTG-ATHZ-02
    Scenario: The clerk does not hold a day against the bill
      When the clerk holds the day against the bill of Alipay
      Then the comparison is refused because it is not allowed

    @medium @alipay @CWE-754
    Scenario: A bill that nobody has made yet is not taken for an empty one
      When the auditor holds the day after next against the bill of Alipay
      Then the comparison is refused because there is no bill of that day
