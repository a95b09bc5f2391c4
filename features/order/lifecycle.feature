@orders
Feature: The life of an order
  An unpaid order ends and gives its stock back; a placed one keeps what it promised.

  Background:
    Given a product at CNY 45.00 with 5 in stock

  @high
  Scenario: An order that is not paid in time expires and gives its stock back
    Given the shopper has ordered 2 of it
    When the time to pay runs out
    Then the order is expired
    And 5 pieces of the product are left

  @high
  Scenario: An expired order is not paid
    Given the shopper has ordered 1 of it
    And the time to pay has run out
    When the shopper chooses Alipay
    Then the payment is refused because the order's state does not allow it

  @high
  Scenario: A cancelled order gives its stock back
    Given the shopper has ordered 2 of it
    When the shopper cancels the order
    Then the order is cancelled
    And 5 pieces of the product are left

  @high
  Scenario: A cancelled order is not paid
    Given the shopper has ordered 1 of it
    And the shopper has cancelled the order
    When the shopper chooses WeChat Pay
    Then the payment is refused because the order's state does not allow it

  @critical @alipay
  Scenario: A placed order keeps its price
    Given the shopper has ordered 1 of it
    And the administrator has changed the price to CNY 4.50
    When the shopper pays with Alipay
    Then the order is paid
    And Alipay has taken CNY 45.00 in all
