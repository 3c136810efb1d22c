package io.nioring.contract;

import io.nioring.testkit.ThreadKind;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * Gives a test a {@link SocketWorld} of each kind, and where it takes a second parameter of type
 * {@link ThreadKind}, each kind of thread with each of them. JUnit closes the world after the test.
 */
final class SocketWorldArguments implements ArgumentsProvider {
  @Override
  public Stream<? extends Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    boolean takesThreadKind =
        Arrays.asList(context.getRequiredTestMethod().getParameterTypes())
            .contains(ThreadKind.class);
    Stream<SocketWorld.Kind> kinds = Arrays.stream(SocketWorld.Kind.values());
    return takesThreadKind
        ? kinds.flatMap(
            kind ->
                ThreadKind.available().stream()
                    .map(threads -> Arguments.of(new SocketWorld(kind), threads)))
        : kinds.map(kind -> Arguments.of(new SocketWorld(kind)));
  }
}
