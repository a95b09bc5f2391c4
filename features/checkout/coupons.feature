@checkout @coupons
Feature: Coupons
  A coupon lowers the total while it is valid, and never below zero.

  Background:
    Given a product at CNY 88.80 with 10 in stock

  @high @alipay
  Scenario: A coupon lowers what the shopper pays
    Given a coupon of CNY 10.00
    And the shopper's cart holds 1 of it with the coupon
    When the shopper places the order
    And the shopper pays with Alipay
    Then the order is paid
    And Alipay has taken CNY 78.80 in all

  @high @WSTG-BUSL-10
  Scenario Outline: A coupon <trouble> changes nothing
    Given the shopper's cart holds 1 of it
    And a coupon of CNY 10.00 <trouble>
    When the shopper uses the coupon
    Then the coupon is refused because <reason>
    And the cart's total is CNY 88.80

    Examples:
      | trouble               | reason                      |
      | that is not valid yet | the coupon is not valid yet |
      | that has expired      | the coupon has expired      |
      | that is used up       | the coupon is used up       |
      | that was never issued | the coupon is unknown       |

  @high @WSTG-BUSL-10
  Scenario: A coupon of another currency changes nothing
    Given the shopper's cart holds 1 of it
    And a coupon of USD 10.00
    When the shopper uses the coupon
    Then the coupon is refused because the coupon is for another currency
    And the cart's total is CNY 88.80

  @critical @CWE-837
  Scenario: A coupon's only use is not spent twice
    Given a coupon of CNY 10.00
    And the shopper's cart holds 1 of it with the coupon
    And another shopper has ordered 1 of it with the coupon
    When the shopper places the order
    Then the order is refused because the coupon is used up

  @high @coupon_terms
  Scenario Outline: A percentage of <percent> makes <total> of <price>
    Given a product at <price> with 10 in stock
    And a coupon of <percent> %
    And the shopper's cart holds 1 of it
    When the shopper uses the coupon
    Then the cart's total is <total>

    Examples:
      | price       | percent | total      |
      | CNY 88.80   | 15      | CNY 75.48  |
      | CNY 0.33    | 50      | CNY 0.16   |
      | JPY 500     | 33      | JPY 335    |
      | KWD 1.250   | 10      | KWD 1.125  |
      | USD 1999.99 | 100     | USD 0.00   |

  @high @paypal
  Scenario: A declined payment does not cost the coupon
    Given a product at USD 88.80 with 10 in stock
    And a coupon of USD 10.00
    And the shopper has ordered 1 of it with the coupon
    And the shopper has chosen PayPal
    And the bank has declined the payment
    When the shopper pays with PayPal
    Then PayPal has taken USD 78.80 in all

  Rule: A coupon for each shopper once

    Background:
      Given a coupon of CNY 10.00 for each shopper once

    @high @coupon_terms @WSTG-BUSL-10
    Scenario: is not used twice by the same shopper
      Given the shopper has ordered 1 of it with the coupon
      And the shopper's cart holds 1 of it
      When the shopper uses the coupon
      Then the coupon is refused because the shopper has used the coupon already
      And the cart's total is CNY 88.80

    @medium @coupon_terms
    Scenario: is used by one shopper after another
      Given another shopper has ordered 1 of it with the coupon
      And the shopper's cart holds 1 of it
      When the shopper uses the coupon
      Then the cart's total is CNY 78.80

  Rule: A coupon is spent by an order that lives

    Background:
      Given a coupon of CNY 10.00
      And the shopper has ordered 1 of it with the coupon

    @medium
    Scenario: A cancelled order gives its coupon back
      Given the shopper has cancelled the order
      And the shopper's cart holds 1 of it
      When the shopper uses the coupon
      Then the cart's total is CNY 78.80

    @high
    Scenario: An expired order gives its coupon back
      Given the time to pay has run out
      And the shopper's cart holds 1 of it
      When the shopper uses the coupon
      Then the cart's total is CNY 78.80

  Rule: An order that costs nothing needs no provider

    @critical
    Scenario Outline: A coupon of <coupon> pays all of <price>
      Given a product at <price> with 10 in stock
      And a coupon of <coupon>
      And the shopper's cart holds 1 of it with the coupon
      When the shopper places the order
      Then the order is paid
      And no money has moved

      Examples:
        | price     | coupon    |
        | CNY 88.80 | CNY 88.80 |
        | KWD 1.250 | KWD 2.000 |
