/** What tests of several packages share: tasks on other threads and bounded waits. */
package io.nioring.testkit;
