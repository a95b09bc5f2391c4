@accounts
Feature: Sessions
  A session ends by itself, and is worth nothing to whoever prepared it.

  @high @passing_time @CWE-613 @WSTG-SESS-07
  Scenario: A session outlives a break
    Given an hour has passed for the shopper
    Then the shopper is still signed in

  @high @passing_time @CWE-613 @WSTG-SESS-07
  Scenario: A session ends when nobody has used it for long
    Given 3 hours have passed for the shopper
    Then the shopper is not signed in any more

  @high @passing_time @CWE-613 @WSTG-SESS-07
  Scenario: A session ends after a day's work, however much it is used
    Given the shopper has come by every hour for 13 hours
    Then the shopper is not signed in any more

  @critical @web @CWE-384 @WSTG-SESS-03
  Scenario: A session that somebody has planted does not become the shopper's
    Given a shopper who is not signed in
    And the visitor's browser holds a session that somebody else began
    When the visitor signs in as the shopper
    Then that session does not become the shopper's

  @high @web @guests @CWE-613 @WSTG-SESS-06
  Scenario: Going on as a guest ends the session before
    Given somebody has a copy of the shopper's session
    When the shopper goes on as a guest
    Then the copy is not signed in any more

  @high @web @CWE-613 @WSTG-SESS-06
  Scenario: Signing in as somebody else ends the session before
    Given somebody has a copy of the shopper's session
    When another shopper signs in with the shopper's browser
    Then the copy is not signed in any more
