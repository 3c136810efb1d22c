package io.nioring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What each verb says of itself. */
class HelpTest {
  private static final int WIDTH = 80;

  /** The letters of ss, which stand in the guide as one word. */
  private static final String SS = "latuxiepn";

  /** Their output is laid down by others, or they only lead to further verbs. */
  private static final Set<String> WITHOUT_JSON =
      Set.of("nioring", "nioring extcap", "nioring faults", "nioring generate-completion");

  /** Each verb, and each of its parts, as it is called. */
  static List<String> verbs() {
    List<String> verbs = new ArrayList<>();
    addVerbs(commandLine(new StringWriter()), verbs);
    verbs.remove("nioring help");
    return verbs;
  }

  private static void addVerbs(CommandLine command, List<String> verbs) {
    verbs.add(command.getCommandSpec().qualifiedName());
    command.getSubcommands().values().forEach(each -> addVerbs(each, verbs));
  }

  private static CommandLine commandLine(StringWriter out) {
    return Main.commandLine(new PrintWriter(out), new PrintWriter(out))
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(WIDTH);
  }

  private static CommandSpec spec(String verb) {
    CommandLine command = commandLine(new StringWriter());
    String[] words = verb.split(" ", -1);
    for (int i = 1; i < words.length; i++) {
      command = command.getSubcommands().get(words[i]);
    }
    return command.getCommandSpec();
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void fitsTheTerminalAndExplainsEachOption(String verb) {
    StringWriter out = new StringWriter();
    String words = (verb + " --help").substring("nioring ".length());

    assertThat(commandLine(out).execute(words.split(" ", -1))).isZero();

    assertThat(out.toString()).contains("Usage: " + verb);
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= WIDTH);
    assertThat(spec(verb).options())
        .filteredOn(option -> !option.hidden())
        .allSatisfy(option -> assertThat(option.description()).isNotEmpty());
  }

  /** A paragraph is one text, which picocli breaks: else it would be broken twice. */
  @ParameterizedTest
  @MethodSource("verbs")
  void paragraphsAreBrokenOnceOnly(String verb) {
    for (String text : spec(verb).usageMessage().footer()) {
      String paragraph = text.replaceFirst("^%n", "");
      if (!paragraph.isEmpty() && !paragraph.startsWith("  ")) {
        assertThat(paragraph).as(verb).matches("(?s).*[.:]");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void eachHasJsonUnlessItsOutputIsLaidDown(String verb) {
    boolean hasJson = spec(verb).findOption("--json") != null;

    assertThat(hasJson).isNotEqualTo(WITHOUT_JSON.contains(verb));
  }

  @Test
  void wordsOfAFilterAreTold() {
    StringWriter out = new StringWriter();
    commandLine(out).execute("ss", "--help");

    assertThat(out.toString())
        .contains("state", "src", "dst", "sport", "dport", "port (either", "and", "or", "not");
  }

  /** What a user may type stands in the guide. */
  @ParameterizedTest
  @MethodSource("verbs")
  void theGuideHasEachVerbWithItsOptions(String verb) throws Exception {
    String guide = Files.readString(Path.of("docs", "guide-insight.md"));
    int start = guide.indexOf("## Command line");
    String section = guide.substring(start);

    assertThat(section).contains(verb.substring(verb.lastIndexOf(' ') + 1));
    if (!Set.of("nioring extcap", "nioring generate-completion").contains(verb)) {
      assertThat(spec(verb).options())
          .filteredOn(option -> !option.hidden() && !option.usageHelp() && !option.versionHelp())
          .allSatisfy(option -> assertThat(isTold(option, section)).as(verb + option).isTrue());
    }
  }

  private static boolean isTold(OptionSpec option, String section) {
    return Stream.of(option.names())
        .anyMatch(
            name ->
                section.contains(name) || (name.length() == 2 && SS.indexOf(name.charAt(1)) >= 0));
  }

  @Test
  void versionIsTold() {
    StringWriter out = new StringWriter();

    assertThat(commandLine(out).execute("--version")).isZero();
    assertThat(out.toString()).startsWith("nioring ");
  }
}
