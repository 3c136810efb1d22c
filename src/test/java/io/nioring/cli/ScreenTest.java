package io.nioring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private static final List<String> HEADING =
      List.of("nioring 4711", "network jvm", "1.5 MiB/s over rings", "424 channels");
  private static final List<String> TABLE = Collections.nCopies(30, "ESTAB " + "x".repeat(144));

  private static List<String> shown(Screen screen) {
    return screen.page(HEADING, TABLE).lines().toList();
  }

  @Test
  void pageFillsATerminalOf80Columns() {
    List<String> page = shown(Screen.sized(true, "24 80\n"));

    assertThat(page).hasSize(24); // the last of which clears what is below
    assertThat(page.get(0))
        .isEqualTo(
            "\033[H\033[1mnioring 4711  network jvm  1.5 MiB/s over rings  424 channels\033[0m\033[K");
    assertThat(page.subList(1, 22)).containsOnly(TABLE.get(0).substring(0, 80) + "\033[K");
    assertThat(page.get(22)).isEqualTo("… 9 more lines\033[K");
    assertThat(page.get(23)).isEqualTo("\033[J");
  }

  @Test
  void pageOf200ColumnsHasWholeRows() {
    List<String> page = shown(Screen.sized(true, "50 200"));

    assertThat(page).hasSize(32);
    assertThat(page.subList(1, 31)).containsOnly(TABLE.get(0) + "\033[K");
  }

  @Test
  void headingIsBrokenBetweenItsParts() {
    List<String> page = shown(Screen.sized(false, "24 40"));

    assertThat(page.subList(0, 2))
        .containsExactly("nioring 4711  network jvm", "1.5 MiB/s over rings  424 channels");
    assertThat(page).hasSize(23).allMatch(line -> line.length() <= 40);
  }

  @Test
  void pageOfADumbTerminalCommandsNothing() {
    assertThat(Screen.sized(false, "24 80").page(HEADING, TABLE)).doesNotContain("\033");
    assertThat(Screen.sized(true, "24 80").with(null, false).page(HEADING, TABLE))
        .as("one page")
        .doesNotContain("\033");
  }

  @Test
  void whatIsPipedIsWhole() {
    assertThat(shown(Screen.UNLIMITED)).hasSize(31).endsWith(TABLE.get(0)).noneMatch(this::isCut);
    assertThat(shown(Screen.UNLIMITED.with(10, true))).hasSize(9).endsWith("… 23 more lines");
  }

  private boolean isCut(String line) {
    return line.contains("more lines");
  }

  @Test
  void unknownSizeIsACommonOne() {
    assertThat(Screen.sized(true, "")).isEqualTo(new Screen(true, 24, 80));
    assertThat(Screen.sized(true, "0 0\n")).isEqualTo(new Screen(true, 24, 80));
  }

  @Test
  void aLineIsCutBetweenCharacters() {
    String line = "\uD83D\uDE00".repeat(5);

    assertThat(new Screen(false, 9, 3).page(List.of("a"), List.of(line)).lines())
        .containsExactly("a", "\uD83D\uDE00".repeat(3));
  }
}
