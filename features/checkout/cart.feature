@checkout
Feature: The cart
  What is in the cart, and what it costs, is known before anybody pays.

  Background:
    Given a product at CNY 29.60 with 10 in stock

  @high @CWE-682
  Scenario: The total is the sum of the lines
    Given the shopper's cart holds 2 of it
    And a product at CNY 0.07 with 10 in stock
    When the shopper puts 3 of it in the cart
    Then the cart's total is CNY 59.41

  Rule: A quantity is a positive whole number that the shop has

    @high @CWE-1284 @WSTG-BUSL-10
    Scenario Outline: A quantity of <quantity> cannot be put in the cart
      Given the shopper's cart holds 1 of it
      When the shopper puts <quantity> of it in the cart
      Then the quantity is refused because it is <reason>
      And the cart's total is CNY 29.60

      Examples:
        | quantity   | reason       |
        | 0          | invalid      |
        | -1         | invalid      |
        | 2147483648 | invalid      |
        | 11         | out of stock |

    @high @CWE-1284 @WSTG-BUSL-10
    Scenario Outline: A quantity in the cart cannot become <quantity>
      Given the shopper's cart holds 1 of it
      When the shopper changes the quantity to <quantity>
      Then the quantity is refused because it is <reason>
      And the cart's total is CNY 29.60

      Examples:
        | quantity | reason       |
        | -3       | invalid      |
        | 11       | out of stock |

  Rule: What changed after it was added is told before paying

    @critical
    Scenario: A new price is told, and the old one is not charged in silence
      Given the shopper's cart holds 1 of it
      And the administrator has changed the price to CNY 39.60
      When the shopper places the order
      Then the order is refused because the price has changed
      And the cart's total is CNY 39.60

    @critical @charges @confirmation @CWE-841 @WSTG-BUSL-10
    Scenario Outline: New <charges> are told, and not charged in silence
      Given it carries 10 % tax, and CNY 5.00 for shipping
      And the shopper's cart holds 1 of it
      And the shopper has looked the order over
      And it carries <tax> % tax, and <shipping> for shipping
      When the shopper places the order
      Then the order is refused because the price has changed
      And the cart's total is <total>

      Examples:
        | charges | tax | shipping | total     |
        | taxes   | 20  | CNY 5.00 | CNY 40.52 |
        | fees    | 10  | CNY 9.00 | CNY 41.56 |

    @high @confirmation @CWE-841
    Scenario: What another tab has put in the cart is not ordered unseen
      Given the shopper's cart holds 1 of it
      And the shopper has looked the order over
      And the shopper's cart holds 3 of it
      When the shopper places the order
      Then the order is refused because the price has changed
      And the cart's total is CNY 88.80

    @high
    Scenario: A product withdrawn from sale is told
      Given the shopper's cart holds 1 of it
      And the administrator has withdrawn the product
      When the shopper places the order
      Then the order is refused because it is withdrawn from sale

    @high
    Scenario: A product sold out in the meantime is told
      Given the shopper's cart holds 1 of it
      And the administrator has counted the stock as 0
      When the shopper places the order
      Then the order is refused because it is out of stock

  @medium
  Scenario: A sold-out product cannot be put in the cart
    Given a product at CNY 5.00 with 0 in stock
    When the shopper puts 1 of it in the cart
    Then the quantity is refused because it is out of stock

  @critical
  Scenario: The last piece goes to the shopper who orders first
    Given a product at CNY 5.00 with 1 in stock
    And the shopper's cart holds 1 of it
    And another shopper has ordered 1 of it
    When the shopper places the order
    Then the order is refused because it is out of stock
    And 0 pieces of the product are left
