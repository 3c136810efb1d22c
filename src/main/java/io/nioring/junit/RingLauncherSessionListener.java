package io.nioring.junit;

import io.nioring.RingNetwork;
import io.nioring.RingSelectorProvider;
import java.nio.channels.spi.SelectorProvider;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/**
 * Gives the plain sockets of a JVM that runs tests to its network, before the first test.
 *
 * <p>Plain sockets ask no {@link SelectorProvider}, so that the flag which names ours does not
 * reach them, and tests have no {@code main} that could call {@link RingNetwork#installSockets()}
 * first. JUnit's launcher finds this listener as a service. It does nothing unless the JVM was
 * started with {@code -Dnioring.mode=…}, has our provider, and not {@code -Dnioring.sockets=false}.
 */
@SuppressWarnings("exports") // optional: a user of this class requires that module too
public final class RingLauncherSessionListener implements LauncherSessionListener {
  private static final String MODE = "nioring.mode";

  /** Made by JUnit's launcher. */
  public RingLauncherSessionListener() {}

  /**
   * Has the sockets installed when tests are about to run.
   *
   * @param session the launcher's session
   */
  @Override
  public void launcherSessionOpened(LauncherSession session) {
    session.getLauncher().registerTestExecutionListeners(new Installing());
  }

  /** Knows what the JVM was started with by JUnit's parameters, which include its properties. */
  private static final class Installing implements TestExecutionListener {
    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
      if (plan.getConfigurationParameters().get(MODE).isPresent()
          && SelectorProvider.provider() instanceof RingSelectorProvider ours) {
        install(ours.network());
      }
    }

    private static void install(RingNetwork network) {
      if (network.config().sockets()) {
        try {
          network.installSockets();
        } catch (IllegalStateException e) {
          throw new IllegalStateException(e.getMessage() + ". Give it -Dnioring.sockets=false", e);
        }
      }
    }
  }
}
