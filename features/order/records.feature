@orders
Feature: What the shop remembers
  History, search and statement tell one story, and it adds up.

  Background:
    Given the shopper has paid an order of CNY 88.80 with Alipay

  @high @history @alipay
  Scenario: The history of an order adds up to what it shows
    Given the clerk has refunded CNY 50.00
    When the clerk reads the order's history
    Then the history adds up to CNY 38.80 kept
    And the history names the shopper and the clerk

  @medium @history @alipay @CWE-359
  Scenario: A buyer is not told the e-mail of who refunds
    Given the clerk has refunded CNY 50.00
    When the shopper reads the order's history
    Then the history adds up to CNY 38.80 kept
    And the history does not name the clerk

  @high @history @alipay
  Scenario: The history of a cancelled order adds up to nothing kept
    Given the clerk has refunded CNY 50.00
    And the shopper has cancelled the order
    When the clerk reads the order's history
    Then the history adds up to CNY 0.00 kept

  @critical @statement @alipay
  Scenario: The statement has every movement of money
    Given the clerk has refunded CNY 50.00
    And the clerk has refunded CNY 8.80
    When the auditor reads the statement
    Then it tells of CNY 88.80 paid with Alipay
    And it tells of CNY 58.80 paid back with Alipay

  @high @statement @wechatpay
  Scenario: The statement keeps the providers apart
    Given the shopper has paid an order of CNY 20.00 with WeChat Pay
    When the auditor reads the statement
    Then it tells of CNY 20.00 paid with WeChat Pay
    And it tells of CNY 88.80 paid with Alipay

  @medium @search @alipay
  Scenario Outline: The clerk finds an order by its <key>
    When the clerk searches by the order's <key>
    Then the order is in the list

    Examples:
      | key    |
      | number |
      | e-mail |

  @medium @search @alipay
  Scenario: A search by state finds orders of that state only
    Given another shopper has ordered 1 of it
    When the clerk searches by the state paid
    Then the order is in the list
    And every order in the list is paid

  @high @search @alipay @CWE-862 @WSTG-ATHZ-02
  Scenario: A stranger does not search in the orders
    When the stranger searches by the order's number
    Then the search is refused because it is not signed in

  @medium @search @filters @alipay @CWE-682
  Scenario: A search by e-mail among the orders of one state finds what is both
    Given another shopper has paid an order of CNY 20.00 with Alipay
    And the shopper has placed an order of CNY 30.00
    When the clerk searches by the shopper's e-mail among the orders that are unpaid
    Then the list has the last order and no other

  @medium @search @provider_filter @alipay @wechatpay @CWE-682
  Scenario: A search by provider finds what was paid there only
    Given the shopper has paid an order of CNY 20.00 with WeChat Pay
    When the clerk searches by the shopper's e-mail among the orders paid with WeChat Pay
    Then the list has the last order and no other

  @medium @search @day_filter @alipay @CWE-682
  Scenario: A search by days has the last of them
    When the clerk searches by the shopper's e-mail among the orders of the day on which it was placed
    Then the list has the last order and no other

  @medium @search @day_filter @alipay @CWE-682
  Scenario Outline: A search by days finds nothing of the week <when> the order
    When the clerk searches by the shopper's e-mail among the orders of the week <when>
    Then the list is empty

    Examples:
      | when   |
      | before |
      | after  |
