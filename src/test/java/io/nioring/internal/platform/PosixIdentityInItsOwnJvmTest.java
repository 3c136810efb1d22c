package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** That the identity is found without a warning, whatever the JVM thinks of native access. */
class PosixIdentityInItsOwnJvmTest {

  private static final int JDK = Runtime.version().feature();

  @TempDir Path directory;

  /** The flags that this JDK has, and whether the native library may be loaded with them. */
  static Stream<Arguments> flagsOfThisJdk() {
    if (JDK < 22) {
      return Stream.of(arguments(List.of(), JDK < 21));
    }
    Stream<Arguments> both =
        Stream.of(
            arguments(List.of(), false),
            arguments(List.of("--enable-native-access=ALL-UNNAMED"), true));
    return JDK < 24
        ? both
        : Stream.concat(both, Stream.of(arguments(List.of("--illegal-native-access=deny"), false)));
  }

  @ParameterizedTest
  @MethodSource("flagsOfThisJdk")
  void allAnswersAreTheSameAndNothingElseIsPrinted(List<String> flags, boolean isNativePermitted)
      throws Exception {
    String answer = withoutPid(PosixIdentity.ofProcess()).toString();

    assertThat(ChildJvm.run(directory, Main.class, flags.toArray(String[]::new)))
        .containsExactly(
            "identity: " + answer, "native: " + (isNativePermitted ? answer : "not asked"));
  }

  private static PosixIdentity withoutPid(PosixIdentity identity) {
    return new PosixIdentity(
        0, identity.uid(), identity.gid(), identity.userName(), identity.groupName());
  }

  /** What runs in the other JVM. */
  static final class Main {

    private Main() {}

    public static void main(String[] args) throws ShortageException {
      System.out.println("identity: " + withoutPid(PosixIdentity.ofProcess()));
      Optional<PosixIdentity> answer = new NativeIdentity().find();
      System.out.println(
          "native: " + answer.map(identity -> withoutPid(identity).toString()).orElse("not asked"));
    }
  }
}
