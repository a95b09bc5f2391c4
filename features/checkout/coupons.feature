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
      | trouble               | reason                 |
      | that has expired      | the coupon has expired |
      | that is used up       | the coupon is used up  |
      | that was never issued | the coupon is unknown  |

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

  @medium
  Scenario: A cancelled order gives its coupon back
    Given a coupon of CNY 10.00
    And the shopper has ordered 1 of it with the coupon
    And the shopper has cancelled the order
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
