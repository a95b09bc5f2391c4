@password_reset
Feature: A forgotten password
  Whoever reads the account's mail gets back into the account, and nobody else does.

  Background:
    Given a shopper who is not signed in

  @smoke @critical @WSTG-ATHN-09
  Scenario: A new password is chosen by mail
    Given the visitor has asked for a new password
    When the visitor chooses a new password with the mailed link
    Then the new password opens the account

  @high @CWE-204 @WSTG-IDNT-04
  Scenario: An unknown e-mail gets the same answer
    When the visitor asks for a new password for an unknown e-mail
    Then the answer is the same for the shopper's e-mail
    And only the shopper is sent a mail

  @critical @CWE-613 @WSTG-ATHN-09
  Scenario: A new password by mail ends every session
    Given the visitor has asked for a new password
    When the visitor chooses a new password with the mailed link
    Then the shopper is not signed in any more

  @high @CWE-521 @WSTG-ATHN-07
  Scenario: A weak password is not chosen by mail either
    Given the visitor has asked for a new password
    When the visitor chooses the password password1234 with the mailed link
    Then the change is refused because the password is weak

  Rule: A link is worth something once, for an hour, and for one account

    @critical @CWE-640 @WSTG-ATHN-09
    Scenario: A made-up link is worth nothing
      Given the visitor has asked for a new password
      When the visitor chooses a new password with a made-up link
      Then the change is refused because the link is not valid any more
      And the visitor can sign in as the shopper

    @critical @CWE-640 @WSTG-ATHN-09
    Scenario: A link works once
      Given the visitor has asked for a new password
      And the visitor has chosen a new password with the mailed link
      When the visitor chooses a new password with the mailed link
      Then the change is refused because the link is not valid any more

    @high @CWE-640 @WSTG-ATHN-09 @passing_time
    Scenario: An old link is worth nothing
      Given the visitor has asked for a new password
      And 24 hours have passed for the shopper
      When the visitor chooses a new password with the mailed link
      Then the change is refused because the link is not valid any more

    @critical @CWE-640 @WSTG-ATHN-09
    Scenario: The link of another account is worth nothing
      Given another shopper has asked for a new password
      When the visitor chooses a new password with that link
      Then the change is refused because the link is not valid any more
      And the visitor can sign in as the shopper

    @high @CWE-640 @WSTG-ATHN-09
    Scenario: Asking again kills the link before
      Given the visitor has asked for a new password
      And the visitor has asked for a new password once more
      When the visitor chooses a new password with the first link
      Then the change is refused because the link is not valid any more

    @high @WSTG-ATHN-09
    Scenario: Of two links the second works
      Given the visitor has asked for a new password
      And the visitor has asked for a new password once more
      When the visitor chooses a new password with the second link
      Then the new password opens the account

    @high @CWE-640 @WSTG-ATHN-09
    Scenario: A changed password kills the mailed link
      Given the visitor has asked for a new password
      And the shopper has changed the password
      When the visitor chooses a new password with the mailed link
      Then the change is refused because the link is not valid any more

    @high @CWE-770 @WSTG-ATHN-09
    Scenario: The link is looked at before the password is judged
      When the visitor chooses the password password1234 with a made-up link
      Then the change is refused because the link is not valid any more

  Rule: Nobody fills the mailbox of somebody else

    @high @CWE-799
    Scenario: Links are not mailed without end
      When the visitor asks up to 20 times for a new password
      Then the request is refused because it was tried too often
      And an unknown e-mail is refused after as many requests
