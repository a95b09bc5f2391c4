@accounts
Feature: Accounts
  A shopper's account opens to its owner only.

  Rule: Anybody may register, once

    @smoke @high
    Scenario Outline: Somebody called <name> registers
      Given a visitor called <name>
      When the visitor registers
      Then the shop greets the visitor by name

      Examples:
        | name                  |
        | Ada Lovelace          |
        | 王小明                |
        | Łukasz O'Brien-Ñandú  |
        | <b>Bold</b> & "Brave" |
        | สมเด็จพระนเรศวรมหาราช |

    @high
    Scenario Outline: An e-mail address is not registered again <how>
      Given a visitor called Charles Babbage
      When the visitor registers with the shopper's e-mail <how>
      Then the registration is refused because the e-mail is taken

      Examples:
        | how                |
        | as it is           |
        | in capital letters |
        | in wide letters    |

    @high @CWE-521
    Scenario Outline: <password> is too weak a password
      Given a visitor called Charles Babbage
      When the visitor registers with the password <password>
      Then the registration is refused because the password is weak

      Examples:
        | password     |
        | 1234567890   |
        | password1234 |
        | qwertyqwerty |
        | P@ssw0rd2024 |
        | woaini1314520 |
        | iloveyou2024 |

  Rule: Signing in takes the password, and signing out ends it

    Background:
      Given a shopper who is not signed in

    @smoke @high
    Scenario: A shopper signs in
      When the visitor signs in as the shopper
      Then the shop greets the visitor by name

    @high @CWE-204 @WSTG-IDNT-04
    Scenario: A wrong password and an unknown user get the same answer
      When the visitor signs in as the shopper with a wrong password
      Then the sign-in is refused because of wrong credentials
      And an unknown user gets the same answer

    @critical @CWE-613 @WSTG-SESS-06
    Scenario: A session is dead after signing out
      Given somebody has a copy of the shopper's session
      When the shopper signs out
      Then the copy is not signed in any more

  Rule: A new password shuts everybody else out

    @critical @CWE-613
    Scenario: A new password ends the other sessions
      Given the shopper is signed in on a second device
      When the shopper changes the password
      Then the second device is not signed in any more

    @high
    Scenario: The old password is dead after a change
      Given a shopper who is not signed in
      And the shopper has changed the password
      When the visitor signs in as the shopper
      Then the sign-in is refused because of wrong credentials

    @high @CWE-620
    Scenario: The password is not changed without the old one
      When the shopper changes the password giving a wrong old one
      Then the change is refused because of wrong credentials
