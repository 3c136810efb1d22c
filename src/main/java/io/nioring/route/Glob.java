package io.nioring.route;

/**
 * A pattern over text in which {@code *} stands for any characters, none included, and {@code ?}
 * for exactly one. Both match {@code /} too. All other characters stand for themselves.
 */
record Glob(String pattern) {

  /**
   * Tells whether the pattern covers the whole text.
   *
   * <p>How it works: on a mismatch only the latest star can still help, by taking one character
   * more. So one place to return to is enough, and the time is at most the product of the lengths.
   */
  boolean matches(String text) {
    int p = 0;
    int t = 0;
    int starAt = -1;
    int starEnd = 0;
    while (t < text.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        starAt = p++;
        starEnd = t;
      } else if (p < pattern.length() && matchesOne(pattern.charAt(p), text.charAt(t))) {
        p++;
        t++;
      } else if (starAt >= 0) {
        p = starAt + 1;
        t = ++starEnd;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  private static boolean matchesOne(char patternChar, char textChar) {
    return patternChar == '?' || patternChar == textChar;
  }

  @Override
  public String toString() {
    return pattern;
  }
}
