Feature: Name and address book
  What people tell of themselves stays as they wrote it, in whatever script.

  @renaming @medium @CWE-176
  Scenario Outline: The shopper is called <name> from now on
    When the shopper is called <name>
    Then the shop greets the shopper by name

    Examples:
      | name                             |
      | 王小明                           |
      | ﷽ اَلْخُوَارِزْمِيّ              |
      | Ὀδυσσεὺς Λαερτιάδης              |
      | 👩‍🔬 Dr. Ngũgĩ wa Thiong'o          |
      | a name of 200 Chinese characters |

  @address_book @medium
  Scenario Outline: An address <where> reads as it was written
    When the shopper notes the address <where>
    Then the address book holds <where>

    Examples:
      | where   |
      | at home |
      | abroad  |

  @address_book @medium
  Scenario: An address is struck out
    Given the shopper has noted the address at home
    And the shopper has noted the address abroad
    When the shopper strikes the first address out
    Then the address book holds abroad

  @address_book @high @CWE-639 @WSTG-ATHZ-04
  Scenario: Another shopper does not strike the address out
    Given the shopper has noted the address at home
    When another shopper strikes the shopper's address out
    Then the change is refused because it is not found
    And the address book holds at home

  @address_book @high @CWE-639 @WSTG-ATHZ-04
  Scenario: An address book is for its owner's eyes only
    Given the shopper has noted the address at home
    Then another shopper's address book holds nothing
