package io.nioring.internal.platform;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Starts the threads of this library: the only place that makes any.
 *
 * <p>Such a thread may live as long as the JVM, so it inherits nothing from the thread that
 * happened to start it: neither the context class loader nor inheritable thread-locals, the thread
 * group, the priority, or the protection domains of the classes on the creator's stack (which
 * {@link Thread} keeps up to JDK 23). A container can drop an application that opened the first
 * channel.
 */
public final class BackgroundThreads implements ThreadStarter {
  /** The stateless instance; tests pass another {@link ThreadStarter}. */
  public static final BackgroundThreads SYSTEM = new BackgroundThreads();

  private BackgroundThreads() {}

  @Override
  public Thread start(String name, Runnable body) {
    Thread thread = make(name, body);
    thread.start();
    return thread;
  }

  /**
   * Returns a factory of such threads for an executor.
   *
   * @param name the prefix of their names, followed by a number
   */
  public static ThreadFactory factory(String name) {
    var made = new AtomicInteger();
    return body -> make(name + "-" + made.incrementAndGet(), body);
  }

  /**
   * Registers an action for the end of the JVM, run by a thread that is started then.
   *
   * @param name the thread's name
   * @param body what it does
   * @return an action that unregisters it; does nothing once the JVM is shutting down
   */
  public Runnable atExit(String name, Runnable body) {
    Thread thread = make(name, body);
    try {
      Runtime.getRuntime().addShutdownHook(thread);
    } catch (IllegalStateException e) { // shutting down already
      return () -> {};
    }
    return () -> takeBack(thread);
  }

  private static void takeBack(Thread atExit) {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) { // shutting down: the thread runs or has run
      return;
    }
  }

  /** Privileged, since otherwise a thread keeps the protection domains of all callers. */
  @SuppressWarnings("removal") // of the security manager; up to then a thread keeps its context
  private static Thread make(String name, Runnable body) {
    return AccessController.doPrivileged(new Making(name, body));
  }

  /** Makes a thread of this kind. */
  private record Making(String name, Runnable body) implements PrivilegedAction<Thread> {
    @Override
    @SuppressWarnings("ThreadPriorityCheck") // the ordinary one, whatever the creator has
    public Thread run() {
      Thread thread = new Thread(rootGroup(), body, name, 0, false);
      thread.setDaemon(true);
      thread.setPriority(Thread.NORM_PRIORITY);
      thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
      return thread;
    }
  }

  private static ThreadGroup rootGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) {
      group = group.getParent();
    }
    return group;
  }
}
