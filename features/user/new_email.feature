@email_change
Feature: A new e-mail
  The e-mail opens the account, so it changes only for whoever has the password and reads the new mail.

  @critical @WSTG-ATHN-09
  Scenario: A new e-mail is confirmed by mail
    Given a shopper who is not signed in
    And the shopper has asked for a new e-mail
    When the shopper opens the link mailed to the new e-mail
    And the visitor signs in with the new e-mail
    Then the shop greets the visitor by name

  @critical
  Scenario: The old e-mail is dead once the new one is confirmed
    Given a shopper who is not signed in
    And the shopper has asked for a new e-mail
    When the shopper opens the link mailed to the new e-mail
    And the visitor signs in as the shopper
    Then the sign-in is refused because of wrong credentials

  @critical @CWE-640
  Scenario: Without confirmation nothing changes
    Given a shopper who is not signed in
    And the shopper has asked for a new e-mail
    When the visitor signs in with the new e-mail
    Then the sign-in is refused because of wrong credentials
    And the visitor can sign in as the shopper

  @critical @CWE-306 @WSTG-ATHN-09
  Scenario: The e-mail is not changed without the password
    When the shopper asks for a new e-mail giving a wrong password
    Then the change is refused because of wrong credentials

  @high
  Scenario: The e-mail of somebody else is not taken over
    When the shopper asks for another shopper's e-mail
    Then the change is refused because the e-mail is taken

  @high @CWE-799
  Scenario: New e-mails are not asked for without end
    When the shopper asks for up to 20 new e-mails
    Then the change is refused because it was tried too often

  @high @CWE-640
  Scenario: The old e-mail is warned
    When the shopper asks for a new e-mail
    Then the old e-mail is warned

  @high @CWE-640 @passing_time
  Scenario: An old confirmation is worth nothing
    Given the shopper has asked for a new e-mail
    And the mail to the new e-mail has come
    And 24 hours have passed for the shopper
    When the shopper opens the link mailed to the new e-mail
    Then the change is refused because the link is not valid any more
