package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Runs a main class of the tests in a JVM of its own, for what depends on flags and limits. */
public final class ChildJvm {

  private static final long WAIT_SECONDS = 150;

  private final Class<?> main;
  private final List<String> flags = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();
  private String classPath = System.getProperty("java.class.path");
  private String shell;

  private ChildJvm(Class<?> main) {
    this.main = main;
  }

  /** Runs a class with the class path of this JVM; see {@link #run(Path, long)}. */
  public static List<String> run(Path directory, Class<?> main, String... flags)
      throws IOException, InterruptedException {
    return command(main).flags(flags).run(directory, WAIT_SECONDS);
  }

  /** A run of a class, with the class path of this JVM if nothing else is said. */
  public static ChildJvm command(Class<?> main) {
    return new ChildJvm(main);
  }

  /**
   * The class path of this JVM with its folders packed into a jar, so that no class needs a
   * descriptor to be loaded: for JVMs that run short of them.
   *
   * @param directory where the jar is made
   */
  public static String classPathOfJars(Path directory) throws IOException {
    Path jar = directory.resolve("classes.jar");
    StringJoiner path = new StringJoiner(File.pathSeparator).add(jar.toString());
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.setLevel(0);
      for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        if (Files.isDirectory(Path.of(part))) {
          pack(Path.of(part), out);
        } else {
          path.add(part);
        }
      }
    }
    return path.toString();
  }

  private static void pack(Path folder, JarOutputStream out) throws IOException {
    List<Path> classes;
    try (Stream<Path> files = Files.walk(folder)) {
      classes = files.filter(file -> file.toString().endsWith(".class")).toList();
    }
    for (Path file : classes) {
      out.putNextEntry(new JarEntry(folder.relativize(file).toString()));
      Files.copy(file, out);
      out.closeEntry();
    }
  }

  /** Adds arguments of the JVM. */
  public ChildJvm flags(String... more) {
    Collections.addAll(flags, more);
    return this;
  }

  /** Adds arguments of the class. */
  public ChildJvm arguments(String... more) {
    Collections.addAll(arguments, more);
    return this;
  }

  /** Sets the class path. */
  public ChildJvm classPath(String path) {
    classPath = path;
    return this;
  }

  /** Has a shell set limits and then execute the JVM, as {@code ulimit -n 100; exec "$@"} does. */
  public ChildJvm shell(String script) {
    shell = script;
    return this;
  }

  /** Prepares a JVM like this one, which prints nothing but what its program does. */
  public static ProcessBuilder java(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:-UsePerfData"); // no tool that looks at all JVMs attaches to it
    command.add("-Dslf4j.internal.verbosity=ERROR"); // Netty may start: there is no provider
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    // With these set a JVM says that it picked them up.
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    return builder;
  }

  /**
   * Runs the class.
   *
   * @param directory where the output may be kept
   * @return all lines that were printed, on standard output and error: warnings are among them
   */
  public List<String> run(Path directory, long longestSeconds)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(flags);
    Collections.addAll(command, "-cp", classPath, main.getName());
    command.addAll(arguments);
    ProcessBuilder builder = java(command);
    if (shell != null) {
      builder.command().addAll(0, List.of("sh", "-c", shell, "sh"));
    }
    Path output = Files.createTempFile(directory, "output", null);
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(longestSeconds, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readAllLines(output);
  }
}
