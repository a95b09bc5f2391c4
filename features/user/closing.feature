@account_deletion
Feature: Closing an account
  The person goes, the books stay.

  @high
  Scenario: A closed account does not open
    Given a shopper who is not signed in
    And the shopper has closed the account
    When the visitor signs in as the shopper
    Then the sign-in is refused because of wrong credentials

  @critical @CWE-613
  Scenario: Closing an account ends every session
    Given the shopper is signed in on a second device
    When the shopper closes the account
    Then the second device is not signed in any more

  @critical @CWE-306
  Scenario: An account is not closed without the password
    When the shopper closes the account giving a wrong password
    Then the request is refused because of wrong credentials
    And the shopper is still signed in

  Rule: What was bought stays in the books, without a name

    Background:
      Given the shopper is called Augusta Ada King
      And the shopper has paid an order of CNY 88.80 with Alipay

    @critical @alipay @statement
    Scenario: The payment stays in the statement
      Given the shopper has closed the account
      When the auditor reads the statement
      Then it tells of CNY 88.80 paid with Alipay

    @high @alipay @search @CWE-359
    Scenario: The e-mail leads nowhere any more
      When the shopper closes the account
      Then the auditor finds no order by the shopper's e-mail

    @high @alipay @history @CWE-359
    Scenario: The order does not name the shopper any more
      When the shopper closes the account
      Then neither the order nor its history names the shopper to the auditor

    @critical @alipay @CWE-639
    Scenario: Whoever registers with the e-mail next sees nothing of it
      Given a visitor called Charles Babbage
      And the shopper has closed the account
      When the visitor registers with the shopper's old e-mail
      Then the visitor has no orders

    @critical @alipay @refunds
    Scenario: What was bought can still be refunded
      Given the shopper has closed the account
      When the clerk refunds CNY 8.80
      Then Alipay has paid back CNY 8.80 in all

  @critical @checkout @CWE-362
  Scenario: Who orders and closes the account at the same moment does one of the two
    Given a product at CNY 45.00 with 10 in stock
    And the shopper's cart holds 1 of it
    When the shopper orders and closes the account at once
    Then one of the two is done and the other is refused

  @critical @authorizations @paypal @CWE-841
  Scenario: An account is not closed while PayPal holds its money
    Given the shopper has placed an order of USD 45.00
    And the shopper has authorized the payment with PayPal
    When the shopper tries to close the account
    Then the request is refused because the order's state does not allow it
    And the order is authorized

  @high @alipay
  Scenario: An account is not closed while an order awaits its money
    Given the shopper has placed an order of CNY 45.00
    When the shopper tries to close the account
    Then the request is refused because the order's state does not allow it
    And the order is unpaid
