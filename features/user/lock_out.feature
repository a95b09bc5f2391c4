@accounts
Feature: Lock-out
  Ten wrong passwords lock an account for half an hour (PCI DSS 8.3.4), and its owner has a way back.

  Background:
    Given a shopper who is not signed in

  @critical @CWE-307 @WSTG-ATHN-03
  Scenario: Ten wrong passwords lock the account
    Given somebody has guessed 10 wrong passwords for the shopper
    When the visitor signs in as the shopper
    Then the sign-in is refused because it is locked out

  @high @CWE-204 @WSTG-IDNT-04
  Scenario: An e-mail that nobody has locks just so
    Given somebody has guessed 10 wrong passwords for an unknown e-mail
    When the visitor signs in with the unknown e-mail
    Then the sign-in is refused because it is locked out

  @critical @CWE-307 @CWE-362 @WSTG-ATHN-03
  Scenario: Guesses at the same moment do not outrun the lock
    When somebody guesses 30 passwords for the shopper at the same moment
    Then no more than ten of the guesses are looked at

  @high @WSTG-ATHN-03
  Scenario: The right password clears the count
    Given somebody has guessed 9 wrong passwords for the shopper
    And the visitor has signed in as the shopper
    And somebody has guessed 9 wrong passwords for the shopper
    Then the visitor can sign in as the shopper

  @high @WSTG-ATHN-03
  Scenario: A lock does not end the shopper's session
    Given somebody has guessed 10 wrong passwords for the shopper
    Then the shopper is still signed in

  Rule: There is a way back

    Background:
      Given somebody has guessed 10 wrong passwords for the shopper

    @high @passing_time @WSTG-ATHN-03
    Scenario: A lock opens by itself
      Given an hour has passed for the shopper
      Then the visitor can sign in as the shopper

    @high @password_reset @WSTG-ATHN-03
    Scenario: A new password by mail opens the lock
      Given the visitor has asked for a new password
      When the visitor chooses a new password with the mailed link
      Then the new password opens the account
