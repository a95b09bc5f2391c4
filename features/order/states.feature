@orders @refunds @paypal
Feature: The states of an order
  An order moves along these ways only. Whoever tries another one is told so, and nothing changes.

  @critical
  Scenario Outline: An order that is <state> may be <move>
    Given the shopper's order is <state>
    When the order is to be <move>
    Then the order is <then>

    Examples:
      | state              | move      | then      |
      | unpaid             | paid      | paid      |
      | unpaid             | cancelled | cancelled |
      | unpaid             | expired   | expired   |
      | authorized         | paid      | paid      |
      | authorized         | cancelled | cancelled |
      | paid               | cancelled | refunded  |
      | paid               | refunded  | refunded  |
      | partially refunded | cancelled | refunded  |
      | partially refunded | refunded  | refunded  |

  @critical @CWE-841
  Scenario Outline: An order that is <state> is not <move>
    Given the shopper's order is <state>
    When the order is to be <move>
    Then the move is refused because the order's state does not allow it
    And the order is <state>

    Examples:
      | state              | move      |
      | unpaid             | refunded  |
      | pending            | paid      |
      | pending            | cancelled |
      | pending            | refunded  |
      | pending            | expired   |
      | authorized         | refunded  |
      | authorized         | expired   |
      | paid               | paid      |
      | paid               | expired   |
      | partially refunded | paid      |
      | partially refunded | expired   |
      | refunded           | paid      |
      | refunded           | cancelled |
      | refunded           | refunded  |
      | refunded           | expired   |
      | cancelled          | paid      |
      | cancelled          | cancelled |
      | cancelled          | refunded  |
      | cancelled          | expired   |
      | expired            | paid      |
      | expired            | cancelled |
      | expired            | refunded  |
      | expired            | expired   |
