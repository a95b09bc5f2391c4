@refunds @roles
Feature: Who may refund
  Refunds are the staff's work; a large one takes four eyes.

  Rule: Only the staff that handles money refunds

    Background:
      Given the shopper has paid an order of CNY 88.80 with Alipay

    @critical @alipay
    Scenario Outline: The <role> refunds
      When the <role> refunds CNY 10.00
      Then the order is partially refunded
      And Alipay has paid back CNY 10.00 in all

      Examples:
        | role     |
        | clerk    |
        | approver |

    @critical @alipay @CWE-862 @WSTG-ATHZ-02
    Scenario Outline: The <role> does not refund
      When the <role> refunds CNY 10.00
      Then the refund is refused because it is <reason>
      And the order still shows CNY 88.80 refundable
      And Alipay has paid back CNY 0.00 in all

      Examples:
        | role          | reason        |
        | shopper       | not allowed   |
        | auditor       | not allowed   |
        | administrator | not allowed   |
        | stranger      | not signed in |

  Rule: A refund above the clerk's limit needs an approver who is not the requester

    Background:
      Given the shopper has paid an order of CNY 888.00 with Alipay

    @high @alipay
    Scenario: A refund at the clerk's limit needs nobody else
      When the clerk refunds CNY 500.00
      Then Alipay has paid back CNY 500.00 in all

    @critical @alipay
    Scenario: A refund above the limit waits for approval
      When the clerk refunds CNY 500.01
      Then the refund is awaiting approval
      And Alipay has paid back CNY 0.00 in all

    @critical @alipay
    Scenario: An approver lets a large refund go
      Given the clerk has refunded CNY 600.00
      When the approver approves the refund
      Then the order is partially refunded
      And Alipay has paid back CNY 600.00 in all

    @critical @alipay
    Scenario: A large refund keeps its amount while it waits
      Given the clerk has refunded CNY 600.00
      When the clerk refunds CNY 288.01
      Then the refund is refused because it exceeds the captured amount
      And the order still shows CNY 288.00 refundable

    @critical @alipay @CWE-862
    Scenario: A clerk does not approve
      Given the approver has refunded CNY 600.00
      When the clerk approves the refund
      Then the approval is refused because it is not allowed
      And Alipay has paid back CNY 0.00 in all

    @critical @alipay
    Scenario: An approver does not approve a refund of their own
      Given the approver has refunded CNY 600.00
      When the approver approves the refund
      Then the approval is refused because one may not approve one's own request
      And Alipay has paid back CNY 0.00 in all

    @critical @alipay @email_change @CWE-863
    Scenario: A new e-mail makes nobody a second person
      Given an approver who has just been hired
      And the approver has refunded CNY 600.00
      And the approver has taken a new e-mail
      When the approver approves the refund
      Then the approval is refused because one may not approve one's own request
      And Alipay has paid back CNY 0.00 in all

    @critical @alipay @CWE-841
    Scenario: A large refund is not had in small parts
      Given the clerk has refunded CNY 300.00
      And the clerk has refunded CNY 200.00
      When the clerk refunds CNY 0.01
      Then the refund is awaiting approval
      And Alipay has paid back CNY 500.00 in all

    @high @alipay
    Scenario: What an approver let go does not count against the clerk
      Given the clerk has refunded CNY 600.00
      And the approver has approved the refund
      When the clerk refunds CNY 200.00
      Then Alipay has paid back CNY 800.00 in all

  Rule: The clerk's limit is worth about the same in every currency

    @critical @paypal @CWE-682
    Scenario Outline: Of <total> paid with PayPal, <amount> is above the clerk's limit
      Given the shopper has paid an order of <total> with PayPal
      When the clerk refunds <amount>
      Then the refund is awaiting approval
      And PayPal has paid back <nothing> in all

      Examples:
        | total        | amount       | nothing  |
        | USD 500.00   | USD 100.01   | USD 0.00 |
        | JPY 49999    | JPY 15001    | JPY 0    |
        | HUF 40000.00 | HUF 36001.00 | HUF 0.00 |
