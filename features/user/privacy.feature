@orders
Feature: One's own orders only
  What somebody bought is between them and the shop.

  Background:
    Given the shopper has paid an order of CNY 88.80 with Alipay

  @critical @alipay @CWE-639 @WSTG-ATHZ-04
  Scenario: Another shopper does not see the order
    When another shopper looks at the order
    Then the request is refused because it is not found

  @critical @alipay @CWE-639 @WSTG-ATHZ-04
  Scenario: A stranger does not see the order
    When the stranger looks at the order
    Then the request is refused because it is not signed in

  @critical @alipay @CWE-639
  Scenario: The list of orders holds one's own
    Given another shopper has ordered 1 of it
    When the shopper looks at the list of orders
    Then the order is in the list
    And the other shopper's order is not in the list

  @critical @alipay @CWE-639
  Scenario: Another shopper does not cancel the order
    Given the shopper has placed an order of CNY 45.00
    When another shopper cancels the order
    Then the cancellation is refused because it is not found
    And the order is unpaid

  @critical @alipay @CWE-639
  Scenario: A search never leads to the orders of others
    When another shopper searches by the order's number
    Then the order is not found

  @high @alipay
  Scenario: The auditor sees every order
    When the auditor looks at the order
    Then the auditor sees CNY 88.80 captured
