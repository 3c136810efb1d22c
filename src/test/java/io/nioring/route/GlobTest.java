package io.nioring.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "*, ''",
    "*, a",
    "*, /a/b.c",
    "**, a",
    "?, a",
    "?, /",
    "a*, a",
    "a*, abc",
    "*c, abc",
    "a*c, ac",
    "a*c, a/b/c",
    "a?c, abc",
    "*b*, abc",
    "*ab, aab",
    "*a*b?, xaxbb",
    "/run/*/s, /run/a/b/s",
    "a.c, a.c",
    "[a], [a]",
    "$(x)\\, $(x)\\",
  })
  void matches(String pattern, String text) {
    assertThat(new Glob(pattern).matches(text)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'', a",
    "a, ''",
    "?, ''",
    "?, ab",
    "a, A",
    "a*, ba",
    "*c, cb",
    "a*c, acb",
    "a?c, ac",
    "a*b*c, acb",
    "a.c, abc",
    "[a], a",
    "/run/*, /run",
  })
  void doesNotMatch(String pattern, String text) {
    assertThat(new Glob(pattern).matches(text)).isFalse();
  }

  @Test
  void agreesWithRegularExpressionsOnRandomTexts() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      String pattern = randomText(random, "ab*?");
      String text = randomText(random, "ab");
      String regex = pattern.replace("*", ".*").replace('?', '.');

      assertThat(new Glob(pattern).matches(text))
          .as("seed %d, glob %s, text %s", seed, pattern, text)
          .isEqualTo(Pattern.matches(regex, text));
    }
  }

  @Test
  void manyStarsTakeNoExponentialTime() {
    Glob glob = new Glob("a*".repeat(50) + "b");

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertThat(glob.matches("a".repeat(5_000))).isFalse());
  }

  private static String randomText(Random random, String alphabet) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(8); length > 0; length--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }
}
