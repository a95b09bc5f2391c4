@orders
Feature: Long lists, files and days
  Whoever keeps the books works with many orders at once, and misses none.

  @paging @medium @CWE-682
  Scenario: Turning the pages shows every order once
    Given the shopper has placed 21 orders of CNY 1.00
    When the clerk turns the pages of the shopper's orders
    Then each of them is on one page, newest first

  Rule: A file of orders opens in a spreadsheet and calculates nothing there

    @exports @high @CWE-1236
    Scenario Outline: The export does not calculate a shopper called <name>
      Given the shopper is called <name>
      And the shopper has placed an order of CNY 88.80
      When the clerk exports the shopper's orders
      Then no cell of the export is a formula
      And the export shows the order as the clerk sees it

      Examples:
        | name                                |
        | =HYPERLINK("https://evil.example/") |
        | +1+1                                |
        | -2+3                                |
        | @SUM(1,2)                           |
        | ＝1＋1                              |
        | Ada;=1+1                            |
        | Ada", "=1+1                         |
        | Ada'; @SUM(1,2)                     |
        | 王小明, "the buyer"                 |

    @exports @high @alipay
    Scenario: The export has the amounts of the order
      Given the shopper has paid an order of CNY 88.80 with Alipay
      And the clerk has refunded CNY 50.00
      When the clerk exports the shopper's orders
      Then the export shows the order as the clerk sees it

    @exports @high @guests
    Scenario: The export has a guest's order
      Given a shopper without an account
      And the shopper has placed an order of CNY 88.80
      When the clerk exports the guest's orders
      Then the export shows the order as the clerk sees it

    @exports @high @CWE-682
    Scenario: The export has every order, however many
      Given the shopper has placed 21 orders of CNY 1.00
      When the clerk exports the shopper's orders
      Then the export has each of them once

    @exports @critical @CWE-862 @WSTG-ATHZ-02
    Scenario: A shopper does not export orders
      Given the shopper has placed an order of CNY 88.80
      When another shopper exports the shopper's orders
      Then the export is refused because it is not allowed

  Rule: The statement of a day is what moved on that day

    Background:
      Given the shopper has paid an order of CNY 88.80 with Alipay
      And the shopper has paid an order of CNY 20.00 with WeChat Pay
      And the shopper has paid an order of JPY 500 with PayPal

    @daily_statement @critical @alipay @wechatpay @paypal
    Scenario: The statement of a day agrees with the providers' bills
      When the auditor reads the statement of the day on which it was paid
      Then it has what the providers' bills have of the shopper's payments

    @daily_statement @high @alipay @wechatpay @paypal
    Scenario: What moved today is not on yesterday's statement
      When the auditor reads the statement of the day before
      Then it has nothing of the shopper's payments
