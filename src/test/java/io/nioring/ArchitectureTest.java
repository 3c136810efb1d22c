package io.nioring;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the package map: what may import what, and which foreign types are seen where. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchitectureTest {
  private static final String ROOT = "io.nioring";

  /** The packages from the lowest up: imports run only to those that stand before. */
  private static final List<String> ROWS =
      List.of(
          "io.nioring.route",
          "io.nioring.internal.copy",
          "io.nioring.socket",
          "io.nioring.internal.poll",
          "io.nioring.internal.time",
          "io.nioring.internal.platform",
          "io.nioring.internal.ring",
          "io.nioring.internal.select",
          "io.nioring.internal.address",
          "io.nioring.internal.stream",
          "io.nioring.internal.datagram",
          "io.nioring.internal.names",
          "io.nioring.internal.network",
          "io.nioring.internal.blocking",
          "io.nioring.internal.core",
          "io.nioring.internal.hybrid",
          "io.nioring.internal.channel",
          "io.nioring.internal.adaptor",
          "io.nioring.internal.net",
          "io.nioring.internal.async",
          ROOT,
          "io.nioring.simulation",
          "io.nioring.observe",
          "io.nioring.junit",
          "io.nioring.agent",
          "io.nioring.cli");

  /** A row of a document's table of packages, which may leave out the root's name. */
  private static final Pattern PACKAGE_ROW = Pattern.compile("^\\| `([a-z.]+)`.* \\|");

  /** How many top-level classes an implementation package may have. */
  private static final int LARGEST_PACKAGE = 25;

  /** The methods of the JDK that read system properties. */
  private static final Set<String> PROPERTY_READERS =
      Set.of(
          "java.lang.System.getProperty",
          "java.lang.System.getProperties",
          "java.lang.Boolean.getBoolean",
          "java.lang.Integer.getInteger",
          "java.lang.Long.getLong");

  /** Of this instance, and not of the class: they take much memory, which others may use then. */
  private final JavaClasses imported =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void everyClassIsInAPackageOfTheMap() {
    classes().should().resideInAnyPackage(ROWS.toArray(String[]::new)).check(imported);
  }

  @Test
  void everyPackageIsDescribed() {
    assertThat(ROWS)
        .map(row -> Path.of("src/main/java", row.replace('.', '/'), "package-info.java"))
        .allSatisfy(file -> assertThat(file).isRegularFile());
  }

  @TestFactory
  Stream<DynamicTest> implementationPackagesStaySmall() {
    return ROWS.stream()
        .filter(row -> row.startsWith(ROOT + ".internal."))
        .map(row -> DynamicTest.dynamicTest(row, () -> checkIsSmall(row)));
  }

  private void checkIsSmall(String row) {
    List<String> names =
        imported.stream()
            .filter(each -> each.getPackageName().equals(row))
            .filter(each -> !each.getSimpleName().equals("package-info"))
            .map(ArchitectureTest::topLevelName)
            .distinct()
            .toList();
    assertThat(names).hasSizeBetween(1, LARGEST_PACKAGE);
  }

  @TestFactory
  Stream<DynamicTest> importsRunOnlyToRowsAbove() {
    return ROWS.stream()
        .map(row -> DynamicTest.dynamicTest(row, () -> checkImportsNothingFromRowsBelow(row)));
  }

  private void checkImportsNothingFromRowsBelow(String row) {
    List<String> below = new ArrayList<>(ROWS.subList(ROWS.indexOf(row) + 1, ROWS.size()));
    noClasses()
        .that()
        .resideInAPackage(row)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(below.toArray(String[]::new))
        .allowEmptyShould(true)
        .check(imported);
  }

  @Test
  void nettyIsSeenOnlyByRingMemoryAndInTheSocketApi() {
    checkIsSeenOnlyIn(List.of("io.nioring.internal.ring", "io.nioring.socket"), "io.netty..");
  }

  @Test
  void jnrIsSeenOnlyByThePlatformPackage() {
    checkIsSeenOnlyIn(List.of("io.nioring.internal.platform"), "jnr..", "com.kenai.jffi..");
  }

  @Test
  void junitIsSeenOnlyByThePackageForIt() {
    checkIsSeenOnlyIn(List.of("io.nioring.junit"), "org.junit..", "org.opentest4j..");
  }

  @Test
  void micrometerIsSeenOnlyByObserve() {
    checkIsSeenOnlyIn(List.of("io.nioring.observe"), "io.micrometer..");
  }

  @Test
  void picocliIsSeenOnlyByTheCommandLine() {
    checkIsSeenOnlyIn(List.of("io.nioring.cli"), "picocli..");
  }

  private void checkIsSeenOnlyIn(List<String> packages, String... foreign) {
    noClasses()
        .that()
        .resideOutsideOfPackages(packages.toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(foreign)
        .check(imported);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONTRIBUTING.md", "docs/design/overview.md"})
  void documentsListThePackagesInThisOrder(String file) throws IOException {
    assertThat(Files.readAllLines(Path.of(file)).stream().map(PACKAGE_ROW::matcher))
        .filteredOn(Matcher::find)
        .map(row -> row.group(1))
        .map(name -> name.startsWith(ROOT) ? name : ROOT + "." + name)
        .isEqualTo(ROWS);
  }

  @Test
  void unsupportedApisAndOtherLoggersAreNotUsed() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.util.logging..", "org.slf4j..", "sun..", "jdk.internal..")
        .check(imported);
  }

  /** It puts an element in before it grows: one that cannot grow is empty afterwards. */
  @Test
  void queuesThatCannotGrowKeepWhatTheyHave() {
    noClasses().should().dependOnClassesThat().areAssignableTo(ArrayDeque.class).check(imported);
  }

  @Test
  void systemPropertiesAreReadInOneClassOfTheRootPackage() {
    Set<String> readers =
        imported.stream()
            .filter(ArchitectureTest::readsSystemProperties)
            .map(ArchitectureTest::topLevelName)
            .collect(toCollection(TreeSet::new));
    assertThat(readers)
        .hasSizeLessThanOrEqualTo(1)
        .allMatch(name -> name.lastIndexOf('.') == ROOT.length());
  }

  private static boolean readsSystemProperties(JavaClass javaClass) {
    return Stream.<JavaAccess<?>>concat(
            javaClass.getMethodCallsFromSelf().stream(),
            javaClass.getMethodReferencesFromSelf().stream())
        .map(access -> access.getTargetOwner().getName() + "." + access.getName())
        .anyMatch(PROPERTY_READERS::contains);
  }

  private static String topLevelName(JavaClass javaClass) {
    String name = javaClass.getName();
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }
}
