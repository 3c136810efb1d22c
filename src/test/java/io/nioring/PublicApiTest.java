package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Compares what the exported packages offer with a list that is kept in the repository, so that no
 * change of it goes unseen.
 *
 * <p>With {@code -DpublicApi.update} the list is written anew instead.
 */
class PublicApiTest {

  private static final Path CLASSES = Path.of("target", "classes");
  private static final Path LIST = Path.of("src", "test", "resources", "public-api.txt");

  @Test
  void publicApiIsTheListedOne() throws IOException {
    List<String> actual = describe();
    if (System.getProperty("publicApi.update") != null) {
      Files.write(LIST, actual);
    }
    assertThat(actual)
        .as("If the change is meant: mvn -B test -Dtest=PublicApiTest -DpublicApi.update")
        .isEqualTo(Files.readAllLines(LIST));
  }

  private static List<String> describe() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String exported : exportedPackages()) {
      lines.add("package " + exported);
      lines.add("");
      for (Class<?> type : publicTypes(exported)) {
        lines.addAll(ApiDescription.of(type));
        lines.add("");
      }
    }
    return lines;
  }

  private static List<String> exportedPackages() throws IOException {
    try (InputStream descriptor = Files.newInputStream(CLASSES.resolve("module-info.class"))) {
      return ModuleDescriptor.read(descriptor).exports().stream()
          .filter(export -> !export.isQualified())
          .map(ModuleDescriptor.Exports::source)
          .sorted()
          .toList();
    }
  }

  private static List<Class<?>> publicTypes(String exported) throws IOException {
    Path folder = CLASSES.resolve(exported.replace('.', '/'));
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".class") && !name.equals("package-info.class")) {
          Class<?> type = load(exported + "." + name.substring(0, name.length() - 6));
          if (ApiDescription.isVisible(type)) {
            types.add(type);
          }
        }
      }
    }
    return types;
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicApiTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(name, e);
    }
  }
}
